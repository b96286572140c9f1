// Parquet files as files of rows: their bytes are reached anywhere, their rows pass through the core
// like those of other formats.
import { refuse } from '../options.js';
import { openRandomAccess, type RandomAccessFile } from '../sources/random-access.js';
import type { DatasetSchema, Field, LoadDatasetOptions } from '../types/dataset.js';
import type { FileSource } from '../types/sources.js';
import { type DataFile, listenersOf } from './data-files.js';
import { pathOf } from './fields.js';
import { linePieces } from './row-json.js';
import { jsonLines } from './write.js';

/** The fields of a file that some fields of another schema are made of: those in their places, within
 * them and around them. */
function fieldsOf(
  file: DatasetSchema, { schema = file, columns }: LoadDatasetOptions,
): readonly Field[] {
  if (columns === undefined) return file.fields;
  const paths = schema.fields.filter(({ name }) => columns.includes(name)).map(pathOf);
  return file.fields.filter((field) => {
    const path = pathOf(field);
    return paths.some((other) => other.every((name, i) => i >= path.length || name === path[i]));
  });
}

/** The rows of Parquet files as JSON Lines, and the schema of the first. Errors: `invalid_argument`
 * for a stream or compressed file; those of reading and of Parquet. */
export async function openParquetFiles(
  files: readonly DataFile[], options: LoadDatasetOptions,
): Promise<{ files: readonly DataFile[]; schema: DatasetSchema }> {
  if (options.compression !== undefined && options.compression !== 'none') {
    throw refuse('compression', 'none of Parquet, whose parts are compressed', options.compression);
  }
  const { openParquet } = await import('./parquet.js');
  const opened = await Promise.all(files.map(async ({ name, source, identity }) => {
    if (source === undefined) {
      throw refuse('source', 'a file, whose bytes can be reached anywhere, for parquet', name);
    }
    const access = async () =>
      openRandomAccess(source as FileSource, name, options, await listenersOf({}));
    const { schema, rows } = await using(await access(), openParquet);
    const file: DataFile = {
      name, identity: { parquet: identity },
      async *open(long) {
        const bytes = await access();
        try {
          const { schema: own, read } = await openParquet(bytes);
          const fields = fieldsOf(own, options);
          const line = jsonLines({ ...own, fields });
          const chosen = {
            columns: fields.map(({ name }) => name),
            ...(long.signal === undefined ? {} : { signal: long.signal }),
          };
          let done = 0;
          for await (const group of read(chosen)) {
            yield* linePieces(group.map(line));
            done += group.length;
            long.onProgress?.({ phase: 'read', done, total: rows, unit: 'rows', file: name });
          }
        } finally {
          await bytes.close();
        }
      },
    };
    return { file, schema };
  }));
  return {
    files: opened.map(({ file }) => file),
    schema: (opened[0] as { schema: DatasetSchema }).schema,
  };
}

async function using<T>(
  file: RandomAccessFile, work: (file: RandomAccessFile) => Promise<T>,
): Promise<T> {
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}
