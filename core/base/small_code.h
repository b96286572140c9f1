// Compiling single functions for size.
#pragma once

// In WebAssembly, which a page loads, the function is compiled for size: one of those that run once
// a tokenizer and stand beside others that run once a word. Whole files of such functions are
// listed in CMake (reprise_small).
#if defined(__wasm__)
#define REPRISE_SMALL [[clang::minsize]]
#else
#define REPRISE_SMALL
#endif
