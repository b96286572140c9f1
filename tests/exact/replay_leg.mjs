// Records that other legs made, replayed through the npm package, and records made for them; in Node
// and in browsers alike.
import { contextOf, modelCases, sampling } from './cases.mjs';

/** Of the model that comes with its tokenizer: a text, a stop text that ends it and biases. */
const textCase = {
  name: 'text', prompt: 'Once upon a time, Lily',
  options: { ...sampling, seed: 11, maxTokens: 100, stop: ' was', logitBias: { 5: -1.5, 403: 0.75 } },
};

/** The generations of a model folder that are recorded. */
export const recordedCases = (name, vocabSize) => [
  ...modelCases(name, vocabSize).filter(({ kind, name: which }) => kind === 'generate' && which !== 'greedy'),
  ...(name === 'stories-260k' ? [textCase] : []),
];

/**
 * Replays `records`, texts by name of model and case, and records the same cases here. Gives by the
 * same names the results and the new records. `folders` are model folders as the package takes them.
 */
export async function replayAll(reprise, { folders, records }) {
  const results = {}, made = {};
  for (const [name, folder] of Object.entries(folders)) {
    const model = await reprise.loadModel(folder, { backend: 'cpu', contextLength: contextOf(name) });
    for (const { name: which, prompt, options } of recordedCases(name, model.config.vocab_size)) {
      const key = `${name}/${which}`;
      results[key] = await reprise.replay(JSON.parse(records[key]), { model });
      const { record } = await model.generate(prompt, { ...options, stopIds: [], record: true });
      made[key] = JSON.stringify(record);
    }
    model.dispose();
  }
  const live = await reprise.liveCounts();
  if (live.handles !== 0) throw new Error(`${live.handles} handles are left`);
  return { results, made };
}
