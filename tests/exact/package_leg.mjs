// The cases through the npm package's public API, in Node and in browsers alike.
import { contextOf, generateFields, modelCases } from './cases.mjs';

/**
 * Computes every field. `reprise` is the package; `folders` are model folders and `tokenizers` their
 * files, by name, each as the package takes it; `texts` are encoded by every tokenizer.
 */
export async function computeFields(reprise, { folders, tokenizers, texts }) {
  const fields = {};
  for (const [name, folder] of Object.entries(folders)) {
    const model = await reprise.loadModel(folder, { backend: 'cpu', contextLength: contextOf(name) });
    for (const test of modelCases(name, model.config.vocab_size)) {
      const made = test.kind === 'score' ? await score(model, test.tokens) : generateFields(await model.generate(test.prompt, { ...test.options, stopIds: [] }));
      for (const [field, values] of Object.entries(made)) fields[`${name}/${test.name}/${field}`] = values;
    }
    model.dispose();
  }
  for (const [name, source] of Object.entries(tokenizers)) {
    const tokenizer = await reprise.loadTokenizer(source);
    const ids = [];
    for (const text of texts) ids.push(...(await tokenizer.encode(text, { addSpecialTokens: true })).ids, -1);
    fields[`${name}/ids`] = ids;
    tokenizer.dispose();
  }
  const live = await reprise.liveCounts();
  if (live.handles !== 0) throw new Error(`${live.handles} handles are left`);
  return fields;
}

async function score(model, tokens) {
  const { loss, logprobs } = await model.score(tokens);
  const { logits } = await model.forward(tokens, { positions: 'last' });
  return { loss: [loss], logprobs: Array.from(logprobs), logits: Array.from(logits) };
}
