// The values of one column in one row group, row by row.
import type { ColumnMetaData } from 'hyparquet';
import type { Value } from '../../types/dataset.js';
import { decompress, hasCodec } from './codecs.js';
import { isDictionary, isDirect, type Raw, readDirect, readPlainValues } from './encodings.js';
import { badData, decoding, type Place, Unfit, unsupported } from './errors.js';
import type { RandomAccessFile } from './file.js';
import type { Kind } from './kinds.js';
import { bitsOf, readRuns } from './levels.js';
import {
  type DataPage, entriesOf, mostPageValues, openDataPage, PageReader, type StoredPage,
} from './pages.js';
import { columnName, type Node } from './tree.js';

/** Some rows of a column. */
export interface ColumnRows {
  /** One a row of a column without repetition, else those of all rows; null where none is there. */
  readonly values: readonly Value[];
  /** Of a column with repetition: the levels of each value. */
  readonly definitions?: readonly number[];
  readonly repetitions?: readonly number[];
  /** Where each row's values begin, and the end of the last. */
  readonly starts?: readonly number[];
}

/** A page, decoded. */
interface Page {
  readonly values: readonly Value[];
  readonly definitions: Uint8Array | undefined;
  readonly repetitions: Uint8Array | undefined;
}

const noPage: Page = { values: [], definitions: undefined, repetitions: undefined };

/** Reads a column's rows in order. */
export class ColumnReader {
  readonly #pages: PageReader;
  readonly #chunk: ColumnMetaData;
  readonly #node: Node;
  readonly #kind: Kind;
  readonly #place: Place;
  readonly #firstRow: number;
  #dictionary: readonly (Value | Unfit)[] | undefined;
  #page = noPage;
  /** In the page. */
  #at = 0;
  /** Values and nulls of pages whose headers were read. */
  #seen = 0;
  /** Rows of this row group that were given or skipped. */
  #row = 0;
  /** Rows that begin in pages up to the one at hand. */
  #begun = 0;

  /** Errors: `unsupported` for a codec, `invalid_data`. */
  constructor(
    file: RandomAccessFile, createdBy: string | undefined, node: Node, chunk: ColumnMetaData,
    { firstRow, rows }: { readonly firstRow: number; readonly rows: number },
  ) {
    this.#place = { file: file.name, column: columnName(node.path) };
    this.#node = node;
    this.#chunk = chunk;
    this.#kind = node.kind as Kind;
    this.#firstRow = firstRow;
    if (!hasCodec(chunk.codec)) {
      throw unsupported(this.#place, 'a codec that is known', String(chunk.codec));
    }
    if (chunk.num_values < BigInt(rows) || (node.repetition === 0 && chunk.num_values > BigInt(rows))) {
      throw badData(this.#place, `${rows} values of ${rows} rows`, String(chunk.num_values));
    }
    this.#pages = new PageReader(file, chunk, createdBy, this.#place);
  }

  /** The next rows. Errors: `invalid_data`; `unsupported` for values that the field cannot hold. */
  async take(rows: number): Promise<ColumnRows> {
    const taken = this.#node.repetition === 0 ? await this.#takeFlat(rows) : await this.#takeNested(rows);
    this.#row += rows;
    return taken;
  }

  /** Passes over rows; pages of nothing else stay undecoded where a value is a row. */
  async skip(rows: number): Promise<void> {
    if (this.#node.repetition > 0) {
      // By parts, so that they do not lie in memory.
      for (let left = rows; left > 0; left -= 4096) await this.take(Math.min(left, 4096));
      return;
    }
    for (let left = rows; left > 0;) {
      const held = Math.min(left, this.#page.values.length - this.#at);
      this.#at += held;
      left -= held > 0 ? held : await this.#nextPage(left);
    }
    this.#row += rows;
  }

  /** Makes sure that nothing is left. Errors: `invalid_data`. */
  end(): void {
    const left = Number(this.#chunk.num_values) - this.#seen + this.#page.values.length - this.#at;
    if (left > 0) throw badData(this.#place, `values of ${this.#row} rows`, `${left} more`);
  }

  async #takeFlat(rows: number): Promise<ColumnRows> {
    let values: readonly Value[] = [];
    while (values.length < rows) {
      if (this.#at === this.#page.values.length) await this.#nextPage(0);
      const end = Math.min(this.#page.values.length, this.#at + rows - values.length);
      const more = this.#page.values.slice(this.#at, end);
      values = values.length === 0 ? more : values.concat(more);
      this.#at = end;
    }
    return { values };
  }

  async #takeNested(rows: number): Promise<ColumnRows> {
    const values: Value[] = [];
    const definitions: number[] = [];
    const repetitions: number[] = [];
    const starts: number[] = [];
    for (;;) {
      const page = this.#page;
      for (; this.#at < page.values.length; this.#at++) {
        const repetition = (page.repetitions as Uint8Array)[this.#at] as number;
        if (repetition === 0) {
          if (starts.length === rows) {
            starts.push(values.length);
            return { values, definitions, repetitions, starts };
          }
          starts.push(values.length);
        } else if (starts.length === 0) {
          throw badData(this.#place, 'a row that begins at repetition level 0', String(repetition));
        }
        values.push(page.values[this.#at] as Value);
        // A column without a level of its own is always there: in a list that is required.
        definitions.push(page.definitions?.[this.#at] ?? this.#node.definition);
        repetitions.push(repetition);
      }
      if (this.#seen === Number(this.#chunk.num_values)) break;
      await this.#nextPage(0);
    }
    if (starts.length < rows) {
      const found = this.#row + starts.length;
      throw badData(this.#place, `values of more than ${found} rows`, 'their end');
    }
    starts.push(values.length);
    return { values, definitions, repetitions, starts };
  }

  /** Goes to the next page. One of at most `skip` values is passed over; gives how many those are. */
  async #nextPage(skip: number): Promise<number> {
    this.#page = noPage;
    this.#at = 0;
    for (;;) {
      const left = Number(this.#chunk.num_values) - this.#seen;
      if (left === 0) throw badData(this.#pages.place, 'a page', 'the last one before it');
      const most = Math.min(left, mostPageValues);
      const stored = await this.#pages.next((header) =>
        header.type === 'DICTIONARY_PAGE' || !(skip > 0) ||
        !((header.data_page_header ?? header.data_page_header_v2)?.num_values as number <= skip));
      if (stored.header.type === 'DICTIONARY_PAGE') {
        this.#readDictionary(stored);
        continue;
      }
      const entries = entriesOf(stored, most);
      this.#seen += entries;
      if (entries === 0) continue;
      if (entries > skip) {
        this.#page = this.#decode(stored, entries);
        return 0;
      }
      this.#begun += entries;
      return entries;
    }
  }

  #readDictionary({ header, bytes, place }: StoredPage): void {
    const { num_values: count, encoding } = header.dictionary_page_header ?? {};
    if (count === undefined || count < 0 || count > mostPageValues) {
      throw badData(place, `a dictionary of at most ${mostPageValues} values`, String(count));
    }
    if (encoding !== 'PLAIN' && encoding !== 'PLAIN_DICTIONARY') {
      throw unsupported(place, 'a dictionary encoded as PLAIN', String(encoding));
    }
    if (this.#dictionary !== undefined) throw badData(place, 'one dictionary', 'another');
    const raw = decoding(place, `a dictionary of ${count} values`, () => readPlainValues(
      decompress(this.#chunk.codec, bytes, header.uncompressed_page_size), this.#stored, count));
    this.#dictionary = this.#convert(raw);
  }

  get #stored() {
    return { type: this.#chunk.type, length: this.#node.element.type_length };
  }

  #convert(raw: Raw): (Value | Unfit)[] {
    const values = new Array<Value | Unfit>(raw.length);
    for (let i = 0; i < raw.length; i++) values[i] = this.#kind.of(raw[i]);
    return values;
  }

  #decode(stored: StoredPage, entries: number): Page {
    const { definition: mostDefinition, repetition: mostRepetition } = this.#node;
    const { place } = stored;
    const page = decoding(place, `a page of ${entries} values`, () => openDataPage(
      stored, entries, this.#chunk.codec,
      { repetition: mostRepetition > 0, definition: mostDefinition > 0 }));
    const levels = (runs: Uint8Array, most: number, what: string): Uint8Array | undefined => {
      if (most === 0) return undefined;
      const out = new Uint8Array(entries);
      decoding(place, `${entries} ${what} levels up to ${most}`, () =>
        readRuns(runs, bitsOf(most), most, out));
      return out;
    };
    const repetitions = levels(page.repetition, mostRepetition, 'repetition');
    const definitions = levels(page.definition, mostDefinition, 'definition');
    let there = entries;
    if (definitions !== undefined) {
      there = 0;
      for (const level of definitions) if (level === mostDefinition) there++;
    }
    let begun = entries;
    if (repetitions !== undefined) begun = repetitions.reduce((sum, level) => sum + (level === 0 ? 1 : 0), 0);
    const second = stored.header.data_page_header_v2;
    if (second !== undefined && second.num_rows !== begun) {
      throw badData(place, `${begun} rows, as the levels have them`, String(second.num_rows));
    }
    if (second !== undefined && second.num_nulls !== entries - there) {
      throw badData(place, `${entries - there} nulls, as the levels have them`, String(second.num_nulls));
    }
    const values = this.#values(page, there, place);
    this.#checkFit(values, definitions, repetitions);
    this.#begun += begun;
    if (there === entries) return { values: values as Value[], definitions, repetitions };
    const spread = new Array<Value>(entries);
    let next = 0;
    for (let i = 0; i < entries; i++) {
      const isThere = (definitions as Uint8Array)[i] === mostDefinition;
      spread[i] = isThere ? values[next++] as Value : null;
    }
    return { values: spread, definitions, repetitions };
  }

  /** The values that are there. */
  #values({ encoding, values: bytes }: DataPage, count: number, place: Place): (Value | Unfit)[] {
    if (isDictionary(encoding)) {
      if (count === 0) return [];
      const dictionary = this.#dictionary;
      if (dictionary === undefined) throw badData(place, 'a dictionary before the page', 'none');
      const indices = new Int32Array(count);
      decoding(place, `${count} places in a dictionary of ${dictionary.length}`, () =>
        readRuns(bytes.subarray(1), new DataView(bytes.buffer).getUint8(0), dictionary.length - 1, indices));
      // A row's bytes are its own.
      const isBytes = this.#kind.type === 'bytes';
      const values = new Array<Value | Unfit>(count);
      for (let i = 0; i < count; i++) {
        const value = dictionary[indices[i] as number] as Value | Unfit;
        values[i] = isBytes ? (value as Uint8Array).slice() : value;
      }
      return values;
    }
    if (!isDirect(encoding)) throw unsupported(place, 'an encoding that is known', String(encoding));
    return this.#convert(decoding(place, `${count} values encoded as ${encoding}`, () => {
      const raw = readDirect(bytes, encoding, this.#stored, count);
      if (raw.length !== count) throw new RangeError(`${raw.length} values`);
      return raw;
    }));
  }

  /** Errors: `unsupported`, naming the row, for a value that the field cannot hold. */
  #checkFit(
    values: readonly (Value | Unfit)[], definitions: Uint8Array | undefined,
    repetitions: Uint8Array | undefined,
  ): void {
    const at = values.findIndex((value) => value instanceof Unfit);
    if (at < 0) return;
    // The last row of the pages before may go on here.
    const goesOn = repetitions !== undefined && repetitions[0] !== 0;
    let row = this.#firstRow + this.#begun - (goesOn ? 1 : 0);
    let left = at;
    for (let i = 0; ; i++) {
      if (i > 0 && (repetitions?.[i] ?? 0) === 0) row++;
      if (definitions === undefined || definitions[i] === this.#node.definition) {
        if (left-- === 0) break;
      }
    }
    const { expected, found } = values[at] as Unfit;
    throw unsupported({ ...this.#place, row }, expected, found);
  }
}
