// Datasets, in a chunk of their own: what the main entry loads at its first use.
export { SequenceDataset } from './dataset.js';
export { inferSchema, loadDataset } from './load.js';
export { rowsSequence } from './rows.js';
