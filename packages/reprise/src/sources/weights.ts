// Where weights come from: a folder, and files or tensors that were given.
import { refuse } from '../options.js';
import type { ModelFiles } from '../protocol.js';
import type { TensorData, WeightsSource } from '../types/model.js';
import type { FileSource } from '../types/sources.js';
import { type OpenFile, openFile } from './files.js';
import type { Folder } from './folder.js';
import { fileOfTensors } from './safetensors.js';

/** A weights file, opened when its turn comes, and again where it is to be read again. */
export interface WeightsFile {
  readonly name: string;
  open(): Promise<OpenFile>;
}

/** Opens a folder's weights, or the index of them; undefined where it has neither. */
export async function openWeights(
  folder: Folder, { weights }: ModelFiles,
): Promise<{ name: string; isIndex: boolean; file: OpenFile } | undefined> {
  for (const place of weights) {
    const file = await folder.openIfThere(place.name, place.isIndex ? 'JSON' : 'safetensors');
    if (file !== undefined) return { ...place, file };
  }
  return undefined;
}

/** Bytes of several files of which none lies elsewhere. */
export function sumOfBytes(weights: WeightsSource): number | undefined {
  if (!Array.isArray(weights)) return undefined;
  const sizes = (weights as readonly FileSource[]).map((source) =>
    (source instanceof Blob ? source.size : (source as Partial<Uint8Array>).byteLength));
  return sizes.reduce<number | undefined>((sum, size) =>
    (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

/** The files of weights that a caller gave, each with a name of its own in errors. Errors:
 * `invalid_argument`. */
export function weightsFiles(weights: WeightsSource, signal: AbortSignal | undefined): WeightsFile[] {
  const isFile = (source: unknown): source is FileSource => typeof source === 'string' ||
    source instanceof URL || source instanceof Blob || source instanceof Uint8Array ||
    source instanceof ArrayBuffer;
  const opener = (source: FileSource, name: string): WeightsFile =>
    ({ name, open: () => openFile(source, name, 'safetensors', { signal }) });
  if (isFile(weights)) return [opener(weights, 'weights')];
  if (Array.isArray(weights)) {
    if (weights.length === 0) throw refuse('weights', 'at least one file', weights);
    return (weights as readonly unknown[]).map((source, i) => {
      if (!isFile(source)) throw refuse(`weights[${i}]`, 'a safetensors file', source);
      return opener(source, `weights[${i}]`);
    });
  }
  if (typeof weights !== 'object' || weights === null) {
    throw refuse('weights', 'safetensors files or tensors by name', weights);
  }
  const file = fileOfTensors(weights as Readonly<Record<string, TensorData>>);
  const content = new Blob(file.pieces as Uint8Array<ArrayBuffer>[]);
  return [opener(content, 'weights')];
}
