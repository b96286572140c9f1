// The pages of one column in one row group: their headers, checked, and their bytes.
import type { ColumnMetaData, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { crc32 } from '../crc32.js';
import { decompress, ownBuffer } from './codecs.js';
import { badData, decoding, type Place, unsupported } from './errors.js';
import { ForwardReader, type RandomAccessFile } from './file.js';
import { hasEndlessNumber } from './footer.js';

/** More values in one page are refused: writers make pages of a megabyte, and a run of a few bytes can
 * claim any number. */
export const mostPageValues = 2 ** 25;

/** A header is looked for within so many bytes, then within twice as many, up to a limit: some writers
 * put whole long strings into it as statistics. */
const headerBytes = 2 ** 16;
const mostHeaderBytes = 2 ** 24;

/** Larger pages are refused: no string is as long. */
const mostPageBytes = 2 ** 29;

/** Old versions of one writer forgot the header of the dictionary in the column's size (PARQUET-816). */
const forgottenBytes = 100;
const forgets = (createdBy: unknown) =>
  typeof createdBy === 'string' && createdBy.startsWith('parquet-mr');

/** A page as the file has it. */
export interface StoredPage {
  readonly header: PageHeader;
  /** Compressed, levels of the second version apart. */
  readonly bytes: Uint8Array;
  readonly place: Place;
}

const isCount = (value: unknown, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;

/** Reads the pages of a column chunk one after the other. */
export class PageReader {
  readonly #reader: ForwardReader;
  readonly #place: Place;
  #end: number;
  #at: number;

  /** `createdBy` is the file's writer. Errors: `invalid_data` where the chunk lies outside the file. */
  constructor(
    file: RandomAccessFile, chunk: ColumnMetaData, createdBy: string | undefined, place: Place,
  ) {
    const { dictionary_page_offset: dictionary, data_page_offset: data } = chunk;
    // Some writers say 0 where there is none.
    const isFirst = dictionary !== undefined && dictionary > 0n && dictionary < data;
    this.#at = Number(isFirst ? dictionary : data);
    this.#end = this.#at + Number(chunk.total_compressed_size);
    this.#place = place;
    if (this.#at < 4 || this.#end > file.byteLength) {
      throw badData(place, `a column within the file's ${file.byteLength} bytes`,
        `bytes ${this.#at} to ${this.#end}`);
    }
    if (forgets(createdBy)) this.#end = Math.min(this.#end + forgottenBytes, file.byteLength);
    this.#reader = new ForwardReader(file, this.#at, this.#end, place);
  }

  get place(): Place {
    return { ...this.#place, byte: this.#at };
  }

  /** The next page's header and the bytes that it takes. */
  async #header(place: Place): Promise<{ header: PageHeader; length: number }> {
    const rest = this.#end - this.#at;
    if (rest <= 0) throw badData(place, 'a page', "the column's end");
    for (let most = headerBytes; ; most *= 2) {
      const bytes = (await this.#reader.from(this.#at, Math.min(most, rest))).subarray(0, most);
      const isAll = most >= rest || most >= mostHeaderBytes;
      if (most > headerBytes && hasEndlessNumber(bytes)) {
        throw badData(place, "a page's header", 'a number that does not end');
      }
      const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
      try {
        const header = decoding(place, "a page's header", () => parquetHeader(reader));
        return { header, length: reader.offset };
      } catch (error) {
        if (isAll) throw error;
      }
    }
  }

  /** The next page that is no index. `wanted` says by its header whether its bytes are needed; else they
   * are empty. Errors: `invalid_data`. */
  async next(wanted: (header: PageHeader) => boolean): Promise<StoredPage> {
    for (;;) {
      const place = this.place;
      const { header, length } = await this.#header(place);
      const { compressed_page_size: size, uncompressed_page_size: whole } = header;
      const start = this.#at + length;
      if (!isCount(size, this.#end - start)) {
        throw badData(place, `a page of at most ${this.#end - start} bytes`, String(size));
      }
      if (!isCount(whole, 2 ** 31 - 1)) throw badData(place, "the page's size", String(whole));
      if (whole > mostPageBytes) {
        throw unsupported(place, `a page of at most ${mostPageBytes} bytes`, `${whole}`);
      }
      this.#at = start + size;
      if (header.type === 'INDEX_PAGE') continue;
      if (!wanted(header)) return { header, bytes: new Uint8Array(0), place };
      const bytes = (await this.#reader.from(start, size)).subarray(0, size);
      if (header.crc !== undefined && crc32(bytes) !== header.crc) {
        throw badData(place, `a page with the checksum ${header.crc}`, String(crc32(bytes)));
      }
      return { header, bytes, place };
    }
  }
}

/** What a data page holds, still encoded. */
export interface DataPage {
  readonly entries: number;
  readonly encoding: NonNullable<PageHeader['data_page_header']>['encoding'];
  /** Runs of levels, and empty where the column has none. */
  readonly repetition: Uint8Array;
  readonly definition: Uint8Array;
  readonly values: Uint8Array;
}

/** How many values and nulls a data page has, whatever its version. Errors: `invalid_data` for what is
 * none, or has more than `most`. */
export function entriesOf({ header, place }: Pick<StoredPage, 'header' | 'place'>, most: number): number {
  const entries = header.data_page_header?.num_values ?? header.data_page_header_v2?.num_values;
  const isData = header.type === 'DATA_PAGE' ? header.data_page_header !== undefined
    : header.type === 'DATA_PAGE_V2' && header.data_page_header_v2 !== undefined;
  if (!isData) throw badData(place, 'a data page', String(header.type));
  if (!isCount(entries, most)) throw badData(place, `a page of at most ${most} values`, String(entries));
  return entries;
}

/** The runs of levels before a page's values, which say their length, and what is behind. */
function cutRuns(bytes: Uint8Array): [runs: Uint8Array, rest: Uint8Array] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 4 + view.getUint32(0, true);
  if (end > bytes.length) throw new RangeError(`levels of ${end - 4} bytes in ${bytes.length}`);
  return [bytes.subarray(4, end), bytes.subarray(end)];
}

const none = new Uint8Array(0);

/** Decompresses a data page and takes it apart. Throws where that fails. */
export function openDataPage(
  { header, bytes, place }: StoredPage, entries: number, codec: ColumnMetaData['codec'],
  has: { readonly repetition: boolean; readonly definition: boolean },
): DataPage {
  const size = header.uncompressed_page_size;
  const second = header.type === 'DATA_PAGE_V2' ? header.data_page_header_v2 : undefined;
  if (second !== undefined) {
    const { repetition_levels_byte_length: first, definition_levels_byte_length: then } = second;
    const levels = first + then;
    if (!isCount(first, bytes.length) || !isCount(then, bytes.length) || levels > bytes.length) {
      throw new RangeError(`levels of ${first} and ${then} bytes in ${bytes.length}`);
    }
    const rest = bytes.subarray(levels);
    return {
      entries,
      encoding: second.encoding,
      repetition: bytes.subarray(0, first),
      definition: bytes.subarray(first, levels),
      values: decompress(second.is_compressed === false ? 'UNCOMPRESSED' : codec, rest, size - levels),
    };
  }
  const { encoding, repetition_level_encoding: repetitions, definition_level_encoding: definitions } =
    header.data_page_header as NonNullable<PageHeader['data_page_header']>;
  let values = decompress(codec, bytes, size);
  let repetition: Uint8Array = none;
  let definition: Uint8Array = none;
  // Before 2014 there were levels of another kind, which nobody writes.
  if ((has.repetition && repetitions !== 'RLE') || (has.definition && definitions !== 'RLE')) {
    throw unsupported(place, 'levels encoded as RLE', `${repetitions} and ${definitions}`);
  }
  if (has.repetition) [repetition, values] = cutRuns(values);
  if (has.definition) [definition, values] = cutRuns(values);
  return { entries, encoding, repetition, definition, values: ownBuffer(values) };
}
