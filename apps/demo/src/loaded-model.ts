// The one model that the page holds. Another one takes its place only when it is whole.
import { loadModel, type BackendName, type Model, type Progress } from 'reprise';

import type { ChosenSource } from './model-source.js';

let held: { readonly model: Model; readonly key: string } | undefined;

/** The model of this source on this backend: the one held, or a new one. */
export async function modelOf(
  source: ChosenSource,
  backend: BackendName | 'auto',
  options: { signal: AbortSignal; onProgress: (progress: Progress) => void },
): Promise<Model> {
  const key = `${backend} ${source.key}`;
  if (held?.key === key) return held.model;
  const model = await loadModel(source.folder, { backend, ...options });
  held?.model.dispose();
  held = { model, key };
  return model;
}

/** Forgets the model, so that the next use loads it anew. */
export function dropModel(): void {
  held?.model.dispose();
  held = undefined;
}
