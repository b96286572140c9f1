// Safetensors files of the same weights in another precision.

interface Entry {
  dtype: string;
  data_offsets: [begin: number, end: number];
}

/** A finite f32 as bfloat16: the nearest, ties to even. */
function toBf16(bits: number): number {
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** A number of magnitude below 65,504 as f16: the nearest, ties to even. */
function toF16(value: number): number {
  const magnitude = Math.abs(value);
  // What one step of the last place is worth; subnormal numbers step by 2^-24.
  const exponent = Math.max(magnitude === 0 ? -14 : Math.floor(Math.log2(magnitude)), -14);
  const scaled = magnitude / 2 ** (exponent - 10);
  let steps = Math.round(scaled);
  if (Math.abs(scaled - Math.trunc(scaled)) === 0.5) steps = 2 * Math.round(scaled / 2);
  // A mantissa that rounds up to the next power of two carries into the exponent by itself.
  const bits = steps < 1024 ? steps : ((exponent + 14) << 10) + steps;
  return (value < 0 ? 0x8000 : 0) | bits;
}

/** The file with every tensor, all of them F32, rounded to another type. */
export function withWeightsAs(dtype: 'f16' | 'bf16', file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerSize = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerSize))) as
    Record<string, Entry>;
  delete header['__metadata__'];
  for (const [name, entry] of Object.entries(header)) {
    if (entry.dtype !== 'F32') throw new Error(`${name} is ${entry.dtype}`);
    entry.dtype = dtype === 'f16' ? 'F16' : 'BF16';
    entry.data_offsets = [entry.data_offsets[0] / 2, entry.data_offsets[1] / 2];
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const count = (file.length - 8 - headerSize) / 4;
  const result = new DataView(new ArrayBuffer(8 + text.length + count * 2));
  result.setBigUint64(0, BigInt(text.length), true);
  new Uint8Array(result.buffer).set(text, 8);
  for (let i = 0; i < count; i++) {
    const at = 8 + headerSize + i * 4;
    const rounded = dtype === 'f16'
      ? toF16(view.getFloat32(at, true)) : toBf16(view.getUint32(at, true));
    result.setUint16(8 + text.length + i * 2, rounded, true);
  }
  return new Uint8Array(result.buffer);
}
