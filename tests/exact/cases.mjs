// What `./dev exact` computes on every leg: fields by name, each a list of numbers whose bits must
// be the same everywhere.

/** Ids that walk through a vocabulary of `size` without its first three, which are special. */
const walk = (size, count) => Array.from({ length: count }, (_, i) => 3 + ((i * 37) % (size - 3)));

export const sampling = {
  temperature: 0.8,
  topK: 40,
  topP: 0.95,
  minP: 0.02,
  repetitionPenalty: 1.1,
  frequencyPenalty: 0.1,
  presencePenalty: 0.1,
};

/** The random model whose work crosses the borders of blocks, and ends inside one: of matrix
 * products 256 inputs, 32 outputs and 128 rows, with the packing of 1,024 inputs; of lane sums
 * 1,024 elements; of the forward pass 256 tokens. */
export const borderName = 'borders';
export const borderSizes = {
  vocabulary: 1100, hidden: 1024, intermediate: 296, layers: 1, heads: 4, kvHeads: 2, headSize: 64,
};
export const borderContext = 1100;

/** The context that a model's cases need, in tokens. */
export const contextOf = (name) => (name === borderName ? borderContext : 128);

/**
 * The cases of the model folder `name`, whose vocabulary has `vocabSize` ids. `score` gives the
 * fields logprobs, loss and logits; `generate` gives tokens and logprobs.
 */
export function modelCases(name, vocabSize) {
  if (name === borderName) {
    const options = { ...sampling, seed: 7, maxTokens: 12, logprobs: 3 };
    return [
      { name: 'score', kind: 'score', tokens: walk(vocabSize, 1061) },
      { name: 'sampled', kind: 'generate', prompt: walk(vocabSize, 300), options },
    ];
  }
  const prompt = walk(vocabSize, 9);
  return [
    { name: 'score', kind: 'score', tokens: walk(vocabSize, 100) },
    { name: 'greedy', kind: 'generate', prompt, options: { temperature: 0, seed: 0, maxTokens: 60, logprobs: 3 } },
    { name: 'sampled', kind: 'generate', prompt, options: { ...sampling, seed: 42, maxTokens: 60, logprobs: 3 } },
    { name: 'large seed', kind: 'generate', prompt, options: { temperature: 1, seed: 2 ** 53 - 1, maxTokens: 60 } },
  ];
}

/** The fields of a generation: what it chose, and every logprob that it told. */
export function generateFields(result) {
  const fields = { tokens: Array.from(result.tokens) };
  if (result.logprobs) {
    fields.logprobs = result.logprobs.flatMap((entry) => [
      entry.logprob,
      ...entry.top.flatMap((top) => [top.id, top.logprob]),
    ]);
  }
  return fields;
}
