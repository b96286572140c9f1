// CRC-32, as gzip and Parquet have it (ISO 3309).

/** Of each byte, and of it before one, two and three zeros. */
const table = new Int32Array(4 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  table[byte] = crc;
}
for (let at = 256; at < table.length; at++) {
  const before = table[at - 256] as number;
  table[at] = (before >>> 8) ^ (table[before & 0xff] as number);
}

/** The checksum of bytes behind those whose checksum is `before`, as a signed integer. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  let at = 0;
  // Four bytes at a time (Kounavis and Berry 2005).
  for (; at + 4 <= bytes.length; at += 4) {
    crc ^= (bytes[at] as number) | (bytes[at + 1] as number) << 8 | (bytes[at + 2] as number) << 16 |
      (bytes[at + 3] as number) << 24;
    crc = (table[768 + (crc & 0xff)] as number) ^ (table[512 + (crc >>> 8 & 0xff)] as number) ^
      (table[256 + (crc >>> 16 & 0xff)] as number) ^ (table[crc >>> 24] as number);
  }
  for (; at < bytes.length; at++) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] as number)) & 0xff] as number);
  }
  return ~crc;
}
