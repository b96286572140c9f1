// How AddressSanitizer behaves in the tests: memory that cannot be had is a null pointer, as
// without it, since errors of code out_of_memory are tested.
extern "C" const char* __asan_default_options();

extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
