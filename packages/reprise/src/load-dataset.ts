// Datasets for callers: the modules behind them are loaded at their first use.
import type {
  Dataset, DatasetSchema, DatasetSource, InferSchemaOptions, LoadDatasetOptions, Row,
} from './types/dataset.js';

/** Opens a dataset, lazily: its rows are read, checked against the schema and given one by one as
 * they are asked for. Errors: `invalid_argument`; `invalid_config` for a schema; `invalid_data` with
 * file, row, column, byte, expected and found, where a file or a row is not as it must be; those of
 * reading. */
export async function loadDataset(
  source: DatasetSource, options?: LoadDatasetOptions,
): Promise<Dataset<Row>> {
  return (await import('./dataset/index.js')).loadDataset(source, options);
}

/** Reads a sample and says what the schema seems to be: types such that nothing is lost
 * (docs/datasets.md). Errors: those of `loadDataset`. */
export async function inferSchema(
  source: DatasetSource, options?: InferSchemaOptions,
): Promise<DatasetSchema> {
  return (await import('./dataset/index.js')).inferSchema(source, options);
}
