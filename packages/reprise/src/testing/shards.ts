// Weights of one safetensors file as shards with an index.
import { safetensorsFile } from './small-models.js';

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A safetensors file cut into two, each with the tensors of one half; its index says what
 * `metadata` makes of the tensors' bytes. */
export function shards(
  whole: Uint8Array, metadata: (bytes: number) => object = () => ({}),
): Record<string, Uint8Array> {
  const headerBytes = Number(new DataView(whole.buffer, whole.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(
    new TextDecoder().decode(whole.subarray(8, 8 + headerBytes))) as Record<string, Entry>;
  delete header.__metadata__;
  const entries = Object.entries(header);
  const map: Record<string, string> = {};
  const files: Record<string, Uint8Array> = {};
  [entries.slice(0, 20), entries.slice(20)].forEach((part, i) => {
    const file = `model-0000${i + 1}-of-00002.safetensors`;
    const own: Record<string, Entry> = {};
    const data: Uint8Array[] = [];
    let at = 0;
    for (const [name, { dtype, shape, data_offsets: [begin, end] }] of part) {
      own[name] = { dtype, shape, data_offsets: [at, at + end - begin] };
      data.push(whole.subarray(8 + headerBytes + begin, 8 + headerBytes + end));
      at += end - begin;
      map[name] = file;
    }
    files[file] = Buffer.concat([safetensorsFile(own, 0), ...data]);
  });
  files['model.safetensors.index.json'] =
    new TextEncoder().encode(JSON.stringify({
      metadata: metadata(whole.length - 8 - headerBytes), weight_map: map,
    }));
  return files;
}
