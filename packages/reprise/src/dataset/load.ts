// Opens datasets: finds the format, infers what is not given, and checks what is.
import { mainRuntime } from '../main-runtime.js';
import {
  type Check, checkOptions, fetchOptions, isBoolean, isInteger, isObject, isOneOf, isString, isTextList,
  longOptions, refuse,
} from '../options.js';
import type { DatasetOptions, InferredSchema } from '../protocol.js';
import type {
  DatasetFormat, DatasetSchema, DatasetSource, InferSchemaOptions, LoadDatasetOptions, Row,
} from '../types/dataset.js';
import type { LongOptions } from '../types/long-work.js';
import { type DataFile, dataFiles, type SampleOptions } from './data-files.js';
import { SequenceDataset } from './dataset.js';
import { FileSequence, sampleOf } from './loaded.js';
import { openParquetFiles } from './parquet-files.js';
import { defaultSampleRows } from './row-kinds.js';

const formats = ['csv', 'tsv', 'json', 'jsonl', 'text', 'parquet'];
const isCharacter: Check = (value) =>
  typeof value === 'string' && value.length === 1 ? undefined : 'one character';
const isPath: Check = (value) => (isString(value) === undefined || isTextList(value) === undefined
  ? undefined : "names with dots between them, or an array of names");
const isQuote: Check = (value) => (value === '' ? undefined : isCharacter(value));

const readChecks = {
  ...longOptions, ...fetchOptions,
  format: isOneOf(...formats),
  compression: isOneOf('none', 'gzip', 'zstd'),
  delimiter: isCharacter,
  quote: isQuote,
  header: isBoolean,
  textRows: isOneOf('line', 'blank_line', 'whole'),
  rowsPath: isPath,
};
const loadChecks = {
  ...readChecks, schema: isObject, columns: isTextList, onError: isOneOf('error', 'collect', 'skip'),
  maxErrors: isInteger(1),
};
const inferChecks = { ...readChecks, sampleRows: isInteger(1) };

/** Options of the core that say how rows are found. */
function formatOptions(format: DatasetFormat, options: LoadDatasetOptions): DatasetOptions {
  const { delimiter, quote, header, textRows, rowsPath } = options;
  const path = typeof rowsPath === 'string' ? rowsPath.split('.') : rowsPath;
  const isCsv = format === 'csv' || format === 'tsv';
  const needs = (name: string, value: unknown, isRight: boolean, of: string): void => {
    if (value !== undefined && !isRight) throw refuse(name, `given with ${of} only`, value);
  };
  needs('delimiter', delimiter, isCsv, 'csv and tsv');
  needs('quote', quote, isCsv, 'csv and tsv');
  needs('header', header, isCsv, 'csv and tsv');
  needs('textRows', textRows, format === 'text', 'text');
  needs('rowsPath', rowsPath, format === 'json', 'json');
  return { format, delimiter, quote, header, textRows, rowsPath: path };
}

interface Source {
  readonly files: readonly DataFile[];
  readonly options: DatasetOptions;
  /** Where the files themselves say it. */
  readonly schema?: DatasetSchema;
}

async function sourceOf(source: DatasetSource, options: LoadDatasetOptions): Promise<Source> {
  const { files, format: told } = dataFiles(source, options);
  const format = options.format ?? told;
  if (format === undefined) {
    throw refuse('format', `${formats.join(', ')}, since the source's name does not say it`, undefined);
  }
  if (format !== 'parquet') return { files, options: formatOptions(format, options) };
  formatOptions(format, options);
  const opened = await openParquetFiles(files, options);
  return { ...opened, options: { format: 'jsonl' } };
}

/** What the first file's first rows seem to be; `more` are options of the core's sample. */
async function sampled(
  { files, options }: Source, more: DatasetOptions & { readonly sampleRows?: number | undefined },
  long: LongOptions,
): Promise<InferredSchema> {
  const [file] = files as readonly [DataFile];
  const opened: SampleOptions = { ...long, isSample: true };
  const { sampleRows = defaultSampleRows } = more;
  file.kinds?.expect(sampleRows);
  const inferred = await sampleOf(file.open(opened), {
    ...options, file: file.name, ...withoutUndefined(more), sampleRows,
  }, long.signal);
  return { ...inferred, schema: file.kinds?.refined(inferred.schema) ?? inferred.schema };
}

/** Reads a sample and says what the schema seems to be. */
export async function inferSchema(
  source: DatasetSource, options: InferSchemaOptions = {},
): Promise<DatasetSchema> {
  checkOptions(options, inferChecks);
  const { sampleRows, ...rest } = options;
  const found = await sourceOf(source, rest);
  if (found.schema !== undefined) return found.schema;
  try {
    return (await sampled(found, { sampleRows }, longOf(options))).schema;
  } finally {
    await closeAll(found);
  }
}

async function closeAll({ files }: Source): Promise<void> {
  await Promise.all(files.map((file) => file.close?.()));
}

function longOf({ signal, onProgress }: LongOptions): LongOptions {
  return { ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress }) };
}

/** Opens a dataset. */
export async function loadDataset(
  source: DatasetSource, options: LoadDatasetOptions = {},
): Promise<SequenceDataset<Row>> {
  checkOptions(options, loadChecks);
  const found = await sourceOf(source, options);
  try {
    return await datasetOf(found, options);
  } catch (thrown) {
    await closeAll(found);
    throw thrown;
  }
}

async function datasetOf(found: Source, options: LoadDatasetOptions): Promise<SequenceDataset<Row>> {
  const { client } = await mainRuntime.get();
  let { header } = options;
  let schema = found.schema;
  if (options.schema !== undefined) {
    schema = await client.call('datasetSchemaCheck', {
      json: JSON.stringify(options.schema), file: 'schema',
    });
  } else if (schema === undefined) {
    const inferred = await sampled(found, { onError: options.onError }, longOf(options));
    ({ schema } = inferred);
    header ??= inferred.header;
  }
  const { columns, onError, maxErrors } = options;
  const isCsv = found.options['format'] === 'csv' || found.options['format'] === 'tsv';
  checkColumns(columns, schema);
  const sequence = new FileSequence(found.files, schema, withoutUndefined({
    ...found.options, ...(isCsv ? { header: header ?? true } : {}), columns, onError, maxErrors,
  }));
  return new SequenceDataset<Row>({
    sequence, schema: sequence.schema, dispose: () => void closeAll(found).catch(() => undefined),
  });
}

function checkColumns(columns: readonly string[] | undefined, schema: DatasetSchema): void {
  const names = schema.fields.map(({ name }) => name);
  const unknown = columns?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw refuse('columns', `some of ${names.join(', ')}`, unknown);
  if (columns?.length === 0) throw refuse('columns', 'at least one field', 'none');
}

function withoutUndefined(options: DatasetOptions): DatasetOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
