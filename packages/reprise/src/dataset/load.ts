// Opens datasets: finds the format, infers what is not given, and checks what is.
import { mainRuntime } from '../main-runtime.js';
import {
  type Check, checkOptions, fetchOptions, isBoolean, isInteger, isFunction, isObject, isOneOf, isString,
  isTextList, longOptions, refuse,
} from '../options.js';
import type { DatasetOptions, InferredSchema } from '../protocol.js';
import type {
  DatasetSchema, DatasetSource, InferSchemaOptions, LoadDatasetOptions, Row,
} from '../types/dataset.js';
import type { LongOptions } from '../types/long-work.js';
import { type DataFile, dataFiles, type SampleOptions } from './data-files.js';
import { SequenceDataset } from './dataset.js';
import { defaultSampleRows } from './defaults.js';
import { FileSequence, sampleOf } from './loaded.js';
import { openParquetFiles } from './parquet-files.js';

const isPath: Check = (value) => {
  const names = typeof value === 'string' ? value.split('.') : value;
  const areNames = isTextList(names) === undefined && !(names as string[]).includes('') &&
    (names as string[]).length > 0;
  return areNames ? undefined : 'names with dots between them, or an array of names, none of them empty';
};

/** Of how rows are found the core says which values are right. */
const readChecks = {
  ...longOptions, ...fetchOptions,
  format: isString, compression: isString, delimiter: isString, quote: isString, header: isBoolean,
  textRows: isString, rowsPath: isPath,
};
const loadChecks = {
  ...readChecks, schema: isObject, columns: isTextList, onError: isOneOf('error', 'collect', 'skip'),
  maxErrors: isInteger(1), onReport: isFunction,
};
const inferChecks = { ...readChecks, sampleRows: isInteger(1) };

interface Source {
  readonly files: readonly DataFile[];
  readonly options: DatasetOptions;
  /** Where the files themselves say it. */
  readonly schema?: DatasetSchema;
}

/** The files, and how the core finds rows in them. Errors: `invalid_argument` where nothing tells the
 * format, or it has not these options. */
async function sourceOf(source: DatasetSource, options: LoadDatasetOptions): Promise<Source> {
  const { files, names, format: own } = dataFiles(source, options);
  const { compression, delimiter, quote, header, textRows, rowsPath } = options;
  const path = typeof rowsPath === 'string' ? rowsPath.split('.') : rowsPath;
  const rows = { delimiter, quote, header, textRows, rowsPath: path };
  const schemaDelimiter: unknown = options.schema?.delimiter;
  const { client } = await mainRuntime.get();
  const { format } = await client.call('datasetFormat', {
    options: {
      files: names, format: options.format ?? own, compression, ...rows,
      // Of another type it is refused with the schema.
      ...(typeof schemaDelimiter === 'string' ? { schemaDelimiter } : {}),
    },
  });
  if (format !== 'parquet') return { files, options: { format, ...rows } };
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
  const inferred = await sampleOf(
    file, file.open(opened), { ...options, ...withoutUndefined(more), sampleRows }, long.signal);
  return { ...inferred, schema: await file.kinds?.refined(inferred.schema) ?? inferred.schema };
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
  const { columns, onError, maxErrors, onReport } = options;
  const isCsv = found.options['format'] === 'csv' || found.options['format'] === 'tsv';
  checkColumns(columns, schema);
  const sequence = new FileSequence(found.files, schema, withoutUndefined({
    ...found.options, ...(isCsv ? { header: header ?? true } : {}), columns, onError, maxErrors,
  }), onReport);
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
