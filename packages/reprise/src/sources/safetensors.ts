// The little that the package itself must know of the safetensors format
// (https://github.com/huggingface/safetensors): how long a file is, and how tensors that are given
// as arrays become one. Everything else is the core's.
import { repriseError } from '../errors.js';
import { inWords, refuse } from '../options.js';
import type { TensorData } from '../types/model.js';
import type { Piece } from './files.js';
import { join } from './reading.js';

const lengthBytes = 8;
/** The format's own limit of a header. */
const mostHeaderBytes = 100_000_000;

/** Bytes before the tensors, by the beginning of a file; undefined where it cannot be one. */
export function headerBytes(start: Uint8Array): number | undefined {
  if (start.byteLength < lengthBytes) return undefined;
  const view = new DataView(start.buffer, start.byteOffset, lengthBytes);
  const bytes = Number(view.getBigUint64(0, true));
  return bytes > mostHeaderBytes ? undefined : lengthBytes + bytes;
}

/** Reads as many pieces as the header takes. Gives them joined, and the size of the whole file as
 * the header has it: the end of its last tensor, undefined where it cannot be read. */
export async function readHeader(
  pieces: AsyncIterator<Uint8Array>,
): Promise<{ head: Piece; bytes: number | undefined }> {
  const read: Uint8Array[] = [];
  let have = 0;
  const until = async (bytes: number) => {
    while (have < bytes) {
      const { done, value } = await pieces.next();
      if (done === true) return false;
      read.push(value);
      have += value.byteLength;
    }
    return true;
  };
  if (!(await until(lengthBytes))) return { head: join(read), bytes: have };
  const begin = headerBytes(join(read));
  if (begin === undefined) return { head: join(read), bytes: undefined };
  const complete = await until(begin);
  const head = join(read);
  if (!complete) return { head, bytes: have };
  const end = dataEnd(new TextDecoder().decode(head.subarray(lengthBytes, begin)));
  return { head, bytes: end === undefined ? undefined : begin + end };
}

/** Where the last tensor ends, by a header's text. */
function dataEnd(header: string): number | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(header);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const ends = Object.values(parsed).map((entry: unknown) => {
    const offsets = (entry as { data_offsets?: unknown } | null)?.data_offsets;
    return Array.isArray(offsets) && Number.isSafeInteger(offsets[1]) ? (offsets[1] as number) : 0;
  });
  return ends.reduce((most, end) => Math.max(most, end), 0);
}

const dtypes = { f32: 'F32', f16: 'F16', bf16: 'BF16' } as const;

/** Tensors as the pieces of a safetensors file, names in order. Errors: `invalid_argument` where
 * data and shape do not agree. */
export function fileOfTensors(
  tensors: Readonly<Record<string, TensorData>>,
): { bytes: number; pieces: Uint8Array[] } {
  const header: Record<string, unknown> = {};
  const data: Uint8Array[] = [];
  let at = 0;
  for (const name of Object.keys(tensors).sort()) {
    const tensor = tensors[name] as TensorData;
    checkTensor(name, tensor);
    const { byteLength, buffer, byteOffset } = tensor.data;
    const offsets = [at, at + byteLength];
    header[name] = { dtype: dtypes[tensor.dtype], shape: tensor.shape, data_offsets: offsets };
    data.push(new Uint8Array(buffer, byteOffset, byteLength));
    at += byteLength;
  }
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = new Uint8Array(lengthBytes);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.byteLength), true);
  return { bytes: lengthBytes + json.byteLength + at, pieces: [length, json, ...data] };
}

function checkTensor(name: string, tensor: TensorData): void {
  const argument = `weights[${JSON.stringify(name)}]`;
  if (typeof tensor !== 'object' || tensor === null || !Object.hasOwn(dtypes, tensor.dtype)) {
    throw refuse(argument, 'a tensor of dtype f32, f16 or bf16', tensor);
  }
  const right = tensor.dtype === 'f32' ? Float32Array : Uint16Array;
  if (!(tensor.data instanceof right)) throw refuse(`${argument}.data`, right.name, tensor.data);
  const { shape } = tensor;
  if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw refuse(`${argument}.shape`, 'an array of integers of at least 0', shape);
  }
  const elements = (shape as readonly number[]).reduce((product, n) => product * n, 1);
  if (elements !== tensor.data.length) {
    throw repriseError('invalid_argument', `${argument} has ${tensor.data.length} values, but ` +
      `its shape [${shape.join(', ')}] has ${elements}.`,
    { argument, tensor: name, expected: elements, found: inWords(tensor.data.length) });
  }
}
