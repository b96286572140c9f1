// Parquet files as files of rows: their bytes are reached anywhere, their rows pass through the core
// like those of other formats.
import { refuse } from '../options.js';
import type { Piece } from '../sources/files.js';
import type { OpenRandomAccess, RandomAccessFile } from '../sources/random-access.js';
import { report } from '../sources/reading.js';
import type { DatasetSchema, Field, LoadDatasetOptions } from '../types/dataset.js';
import type { LongOptions } from '../types/long-work.js';
import { type DataFile, listenersOf } from './data-files.js';
import { pathOf } from './fields.js';
import { linePieces } from './row-json.js';
import { jsonLines } from './write.js';

/** The fields of a file that those which are kept are made of, in their places, within them and around
 * them: all where others are refused. */
function fieldsOf(
  file: DatasetSchema, { schema = file, columns }: LoadDatasetOptions,
): readonly Field[] {
  if (columns === undefined && schema.otherFields !== 'ignore') return file.fields;
  const paths = schema.fields
    .filter(({ name }) => columns === undefined || columns.includes(name)).map(pathOf);
  return file.fields.filter((field) => {
    const path = pathOf(field);
    return paths.some((other) => other.every((name, i) => i >= path.length || name === path[i]));
  });
}

/** The rows of Parquet files as JSON Lines, and the schema of the first. Errors: `invalid_argument`
 * for a stream; those of reading and of Parquet. */
export async function openParquetFiles(
  files: readonly DataFile[], options: LoadDatasetOptions,
): Promise<{ files: readonly DataFile[]; schema: DatasetSchema }> {
  const { openParquet } = await import('./parquet.js');
  const opened = await Promise.all(files.map(async ({ name, access, identity }) => {
    if (access === undefined) {
      throw refuse('source', 'a file, whose bytes can be reached anywhere, for parquet', name);
    }
    const bytes = await access(options.signal, await listenersOf(options));
    const { schema } = await openParquet(bytes).finally(() => bytes.close());
    const file: DataFile = {
      name, identity: { parquet: identity }, isMade: true, open: (long) => rowsOf(access, options, long),
    };
    return { file, schema };
  }));
  return {
    files: opened.map(({ file }) => file),
    schema: (opened[0] as { schema: DatasetSchema }).schema,
  };
}

async function* rowsOf(
  access: OpenRandomAccess, options: LoadDatasetOptions, long: LongOptions,
): AsyncGenerator<Piece> {
  const { openParquet } = await import('./parquet.js');
  const bytes = await access(long.signal, await listenersOf(long));
  const { name: file, phase } = bytes;
  let total = 0;
  let done = 0;
  const tell = (more: number) => {
    // Some writers say a few bytes less than columns have.
    done = Math.min(done + more, total);
    report(long, { phase, done, total, unit: 'bytes', file });
  };
  const told: RandomAccessFile = {
    ...bytes,
    async slice(start, end) {
      const part = await bytes.slice(start, end);
      // The footer, which is read before the size of the columns is known, is none of them.
      if (total > 0) tell(part.byteLength);
      return part;
    },
  };
  try {
    const parquet = await openParquet(told);
    const fields = fieldsOf(parquet.schema, options);
    const line = jsonLines({ ...parquet.schema, fields });
    const columns = fields.map(({ name }) => name);
    total = parquet.bytesOf(columns);
    for await (const group of parquet.read({ columns, signal: long.signal })) {
      yield* linePieces(group.map(line));
    }
    if (done < total) tell(total - done);
  } finally {
    await bytes.close();
  }
}
