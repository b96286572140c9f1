// The library that decompresses zstd, in a chunk of its own.
export { Decompress } from 'fzstd';
