// Arguments of the core's functions in linear memory: where they lie during a call.
import { repriseError } from '../errors.js';
import { utf16View } from '../platform.js';
import type { Utf8Texts } from '../protocol.js';
import type { CoreModule } from './core-module.js';

/** An argument: a number as it is; bytes or ids, which become a pointer and their number; a text,
 * which becomes its UTF-8; texts, which become their UTF-8 one behind the other and the sizes. Lone
 * surrogates become U+FFFD. */
export type CoreArgument =
  number | Uint8Array | Int32Array | Uint32Array | string | readonly string[] | Utf8Texts;

/** Bytes that stay reserved, so that a short call need not ask for memory. */
const keptBytes = 64 * 1024;
const encoder = new TextEncoder();

/** The memory that arguments are copied to for the time of one call. */
export class ArgumentBlock {
  readonly #module: CoreModule;
  #kept = 0;
  #heap = new Uint8Array();
  /** Of the bytes kept. */
  #utf16: ReturnType<typeof utf16View>;

  constructor(module: CoreModule) {
    this.#module = module;
  }

  /** Places the arguments and calls a function with `first` and their numbers. Where the call traps,
   * nothing is freed. Errors: `out_of_memory`. */
  place(
    call: (...numbers: number[]) => number, first: number, args: readonly CoreArgument[],
  ): number {
    let total = 0;
    for (const arg of args) total += align(mostBytes(arg));
    const isKept = total <= keptBytes;
    this.#kept ||= this.#allocate(keptBytes);
    const block = isKept ? this.#kept : this.#allocate(total);
    if (block + total > this.#heap.length) this.#view();
    const numbers = [first];
    let next = block;
    for (const arg of args) next = this.#placeOne(arg, next, numbers);
    const answer = call(...numbers);
    if (!isKept) this.#module._free(block);
    return answer;
  }

  /** Linear memory has grown: views of all of it have become empty or, where it is shared, too short. */
  #view(): void {
    const { buffer } = this.#module.wasmMemory;
    this.#heap = new Uint8Array(buffer);
    this.#utf16 = utf16View(buffer, this.#kept, keptBytes);
  }

  /** Places one argument; where the next one may stand. */
  #placeOne(arg: CoreArgument, pointer: number, numbers: number[]): number {
    if (typeof arg === 'number') {
      numbers.push(arg);
      return pointer;
    }
    if (typeof arg === 'string') {
      const size = this.#write(arg, pointer);
      numbers.push(pointer, size);
      return pointer + align(size);
    }
    if (isTexts(arg)) {
      const sizes = new Uint32Array(arg.length);
      let next = pointer;
      arg.forEach((text, i) => (next += sizes[i] = this.#write(text, next)));
      numbers.push(pointer, next - pointer);
      return this.#placeOne(sizes, align(next), numbers);
    }
    if (isUtf8Texts(arg)) {
      return this.#placeOne(arg.sizes, this.#placeOne(arg.bytes, pointer, numbers), numbers);
    }
    this.#heap.set(new Uint8Array(arg.buffer, arg.byteOffset, arg.byteLength), pointer);
    numbers.push(pointer, arg.length);
    return pointer + align(arg.byteLength);
  }

  /** Writes a text's UTF-8; the number of bytes. */
  #write(text: string, pointer: number): number {
    if (text === '') return 0;
    const start = pointer - this.#kept;
    const hasRoom = start >= 0 && start + 3 * text.length < keptBytes;
    if (this.#utf16 !== undefined && hasRoom) {
      // At the end of the room of three bytes a unit, at an even address.
      const units = pointer + text.length + ((pointer + text.length) & 1);
      this.#utf16.write(text, units - this.#kept, 'utf16le');
      return this.#module._reprise_utf8_of_utf16(units, text.length, pointer);
    }
    try {
      // Into 2 GiB and more, Node writes nothing; three bytes a unit, of which it has 2^29 at most, are less.
      const room = this.#heap.subarray(pointer, pointer + 3 * text.length);
      return encoder.encodeInto(text, room).written;
    } catch {
      // Some browsers write to no shared memory.
      const bytes = encoder.encode(text);
      this.#heap.set(bytes, pointer);
      return bytes.length;
    }
  }

  #allocate(bytes: number): number {
    const block = this.#module._malloc(bytes) >>> 0;
    if (block === 0) {
      throw repriseError('out_of_memory', `A call needs ${bytes} bytes of linear memory for its ` +
        'arguments, which are not there.', { needsBytes: bytes });
    }
    return block;
  }
}

function isTexts(arg: Exclude<CoreArgument, number | string>): arg is readonly string[] {
  return Array.isArray(arg);
}

function isUtf8Texts(arg: Exclude<CoreArgument, number | string>): arg is Utf8Texts {
  return 'sizes' in arg;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

/** As many bytes as an argument may need, at least. */
function mostBytes(arg: CoreArgument): number {
  if (typeof arg === 'number') return 0;
  if (typeof arg === 'string') return mostUtf8Bytes(arg);
  if (isUtf8Texts(arg)) return align(arg.bytes.byteLength) + arg.sizes.byteLength;
  if (!isTexts(arg)) return arg.byteLength;
  let bytes = 16 + 4 * arg.length;
  for (const text of arg) bytes += mostUtf8Bytes(text);
  return bytes;
}

/** At least the size of a text's UTF-8: exact but for surrogate pairs where the text is long. */
function mostUtf8Bytes(text: string): number {
  const units = text.length;
  if (3 * units <= keptBytes) return 3 * units;
  let bytes = units;
  for (let i = 0; i < units; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) bytes += unit < 0x800 ? 1 : 2;
  }
  return bytes;
}
