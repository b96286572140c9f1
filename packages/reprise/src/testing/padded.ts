// Weights that are larger than a chunk of a manifest.

/** A safetensors file with so many more spaces behind its header, which no reader minds. */
export function padded(weights: Uint8Array, spaces: number): Uint8Array<ArrayBuffer> {
  const headerBytes = Number(new DataView(weights.buffer, weights.byteOffset).getBigUint64(0, true));
  const end = 8 + headerBytes;
  const larger = new Uint8Array(weights.byteLength + spaces).fill(0x20);
  larger.set(weights.subarray(0, end));
  larger.set(weights.subarray(end), end + spaces);
  new DataView(larger.buffer).setBigUint64(0, BigInt(headerBytes + spaces), true);
  return larger;
}
