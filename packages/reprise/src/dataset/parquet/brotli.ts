// Brotli's decompressor, in a chunk of its own.
export { decompressBrotli } from 'hyparquet-compressors';
