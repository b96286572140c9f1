// The main entry. Importing it has no side effect.
export { openCheckpoints } from './checkpoints/index.js';
export { RepriseError } from './errors.js';
export type { RepriseErrorCode } from './errors.js';
export { estimateMemory } from './estimate.js';
export { hashJson } from './hash-json.js';
export { createModel, loadModel } from './load.js';
export { inferSchema, loadDataset } from './load-dataset.js';
export {
  capabilities, configure, liveCounts, loadTokenizer, shutdown,
} from './main-runtime.js';
export {
  bundleRecord, createManifest, parseRecord, replay, validateRunConfig, verifyFolder,
} from './run/index.js';
export { trainTokenizer } from './train-tokenizer.js';
export type * from './types/checkpoints.js';
export type * from './types/dataset.js';
export type * from './types/generate.js';
export type * from './types/long-work.js';
export type * from './types/model.js';
export type * from './types/run.js';
export type * from './types/runtime.js';
export type * from './types/sources.js';
export type * from './types/tokenizer.js';
