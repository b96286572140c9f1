// Writes a model folder's copy with 16-bit weights, so that the exact legs also run on f16 and bf16.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The upper half of each float's bits: bfloat16, rounded towards zero. */
const toBf16 = (bits) => bits >>> 16;

/** IEEE binary16 of a normal float's bits, rounded towards zero; smaller ones become zero. */
function toF16(bits) {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude < 0x38800000) return sign;
  if (magnitude >= 0x47800000) throw new Error('a weight does not fit f16');
  return sign | ((magnitude - 0x38000000) >>> 13);
}

/** Copies the folder `from` to `to` with every F32 tensor as `dtype`, 'F16' or 'BF16'. */
export function writeHalfModel(from, to, dtype) {
  // The manifest is of the other weights.
  cpSync(from, to, { recursive: true, filter: (path) => basename(path) !== 'manifest.json' });
  const file = readFileSync(join(from, 'model.safetensors'));
  const headerBytes = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerBytes));
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  entries.sort((a, b) => a[1].data_offsets[0] - b[1].data_offsets[0]);
  const convert = dtype === 'F16' ? toF16 : toBf16;
  const parts = [];
  let offset = 0;
  const out = {};
  for (const [name, { shape, data_offsets: [begin, end] }] of entries) {
    const half = Buffer.alloc((end - begin) / 2);
    for (let i = 0; i < half.length; i += 2) half.writeUInt16LE(convert(file.readUInt32LE(8 + headerBytes + begin + 2 * i)), i);
    parts.push(half);
    out[name] = { dtype, shape, data_offsets: [offset, offset + half.length] };
    offset += half.length;
  }
  const text = Buffer.from(JSON.stringify(out));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(join(to, 'model.safetensors'), Buffer.concat([size, text, ...parts]));
}
