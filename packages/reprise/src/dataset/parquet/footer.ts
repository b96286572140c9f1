// The footer of a Parquet file: its schema, its row groups and where their columns lie.
// Format: github.com/apache/parquet-format.
import { type FileMetaData, parquetMetadata, type ParquetParsers } from 'hyparquet';
import { badData, decoding, type Place, unsupported } from './errors.js';
import { type RandomAccessFile, readBytes } from './file.js';

/** Read at once from the file's end, in the hope that the footer is within. */
const tailBytes = 2 ** 16;

/** More bytes in a row with their highest bit set than any footer needs. A number of so many, which
 * goes on as long as that bit is set, takes the square of its length to decode. */
const mostHighBytes = 2 ** 15;

/** Whether more bytes in a row have their highest bit set than a number or a name needs. */
export function hasEndlessNumber(bytes: Uint8Array): boolean {
  let run = 0;
  for (const byte of bytes) {
    run = byte < 0x80 ? 0 : run + 1;
    if (run > mostHighBytes) return true;
  }
  return false;
}

const nothing = () => undefined;
/** Statistics are not looked at. */
const noParsers = Object.fromEntries([
  'timestampFromMilliseconds', 'timestampFromMicroseconds', 'timestampFromNanoseconds', 'dateFromDays',
  'stringFromBytes', 'geometryFromBytes', 'geographyFromBytes', 'uuidFromBytes',
].map((name) => [name, nothing])) as unknown as ParquetParsers;

function checkMagic(bytes: Uint8Array, place: Place): void {
  const magic = String.fromCharCode(...bytes);
  if (magic === 'PARE') throw unsupported(place, 'a footer that is not encrypted', 'an encrypted one');
  if (magic !== 'PAR1') throw badData(place, 'PAR1', JSON.stringify(magic));
}

/** Counts agree, and what is used of row groups is there. */
function checkRowGroups(metadata: FileMetaData, place: Place): void {
  const isCount = (value: unknown): value is bigint =>
    typeof value === 'bigint' && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER);
  const { num_rows: rows, row_groups: groups } = metadata;
  if (!isCount(rows)) throw badData(place, 'a number of rows', String(rows));
  let sum = 0n;
  for (const { num_rows: count, columns } of groups) {
    if (!isCount(count)) throw badData(place, 'the number of rows of each row group', String(count));
    sum += count;
    for (const { meta_data: chunk } of columns) {
      if (chunk === undefined) continue;
      const numbers = [chunk.num_values, chunk.total_compressed_size, chunk.data_page_offset];
      const bad = numbers.find((number) => !isCount(number));
      if (bad !== undefined || numbers.includes(undefined as never)) {
        throw badData({ ...place, column: chunk.path_in_schema.join('.') },
          'the number of values, the size and the place of each column', String(bad));
      }
    }
  }
  if (sum !== rows) throw badData(place, `row groups of ${rows} rows in all`, `${sum}`);
}

/** Reads the footer. Errors: `invalid_data`; `unsupported` where it is encrypted. */
export async function readFooter(file: RandomAccessFile): Promise<FileMetaData> {
  const place = { file: file.name };
  const size = file.byteLength;
  if (size < 12) throw badData(place, 'a Parquet file, of at least 12 bytes', `${size}`);
  const tailStart = Math.max(0, size - tailBytes);
  const [head, tail] = await Promise.all([
    readBytes(file, 0, 4, place), readBytes(file, tailStart, size, place),
  ]);
  checkMagic(tail.subarray(-4), { ...place, byte: size - 4 });
  checkMagic(head, { ...place, byte: 0 });
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(tail.byteLength - 8, true);
  const start = size - 8 - length;
  const at = { ...place, byte: start };
  if (start < 4) {
    throw badData({ ...place, byte: size - 8 }, `a footer of at most ${size - 12} bytes`, `${length}`);
  }
  const footer = start >= tailStart
    ? tail.subarray(start - tailStart) : await readBytes(file, start, size, place);
  if (hasEndlessNumber(footer)) throw badData(at, 'a footer', 'a number that does not end');
  const metadata = decoding(at, 'a footer', () =>
    parquetMetadata(footer, { parsers: noParsers, geoparquet: false }));
  decoding(at, 'row groups', () => checkRowGroups(metadata, at));
  return metadata;
}
