// Parquet files as files of rows: their bytes are reached anywhere, their rows pass through the core
// like those of other formats.
import { refuse } from '../options.js';
import { openRandomAccess, type RandomAccessFile } from '../sources/random-access.js';
import type { DatasetSchema, LoadDatasetOptions } from '../types/dataset.js';
import type { FileSource } from '../types/sources.js';
import { type DataFile, listenersOf, rowPieces } from './data-files.js';
import { flatSchema } from './row-json.js';

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
          const { read } = await openParquet(bytes);
          const { columns } = options;
          const chosen = {
            ...(columns === undefined ? {} : { columns }),
            ...(long.signal === undefined ? {} : { signal: long.signal }),
          };
          let done = 0;
          for await (const group of read(chosen)) {
            yield* rowPieces(group);
            done += group.length;
            long.onProgress?.({ phase: 'read', done, total: rows, unit: 'rows', file: name });
          }
        } finally {
          await bytes.close();
        }
      },
    };
    return { file, schema: flatSchema(schema) };
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
