// Datasets through the package, in Node and in browsers alike.

/** What each case gives, by name: rows, hash, schema, and of each of its splits, given as options by name,
 * the rows and hashes of the parts. `at` is what stands before names of files: a folder or an address. */
export async function readDatasets(reprise, { at, cases }) {
  const found = {};
  for (const { name, file, options, splits } of cases) {
    const data = await reprise.loadDataset(`${at}${file}`, options);
    found[name] = { hash: await data.hash(), schema: data.schema, splits: {} };
    for (const [split, how] of Object.entries(splits)) {
      found[name].splits[split] = partsOf(Object.values(await data.split(how)));
    }
    data.dispose();
  }
  return found;
}

const partsOf = (parts) => Object.fromEntries(parts.map(({ name, rows, hash }) => [name, { rows, hash }]));

/** Batches of a file's texts as tokens, packed to rows of `length`. */
export async function packTexts(reprise, { at, file, tokenizer: source, take, length, eos, size }) {
  const tokenizer = await reprise.loadTokenizer(source);
  const data = await reprise.loadDataset(`${at}${file}`);
  const batches = [];
  for await (const { tokens, shape } of data.take(take).tokenize(tokenizer).pack(length, { eos }).batch(size)) {
    batches.push({ tokens: Array.from(tokens), shape: [...shape] });
  }
  tokenizer.dispose();
  data.dispose();
  return batches;
}

/** The permutations that the rows of `datasets.train_test_split` stand for: those of test, then those of
 * train, for rows that are their own numbers. */
export async function permutations(reprise, { seeds }) {
  const found = [];
  for (const { seed, rows } of seeds) {
    const data = await reprise.loadDataset(Array.from({ length: rows }, (_, i) => ({ i })));
    const { train, test } = await data.split({ ratios: { train: 0.75, test: 0.25 }, seed, method: 'huggingface' });
    const numbers = [...await test.data.rows(), ...await train.data.rows()];
    found.push(numbers.map(({ i }) => Number(i)));
    data.dispose();
  }
  return found;
}

/** All of these. */
export async function datasetLeg(reprise, { datasets, packed, seeds }) {
  const made = {
    datasets: await readDatasets(reprise, datasets), packed: await packTexts(reprise, packed),
    permutations: await permutations(reprise, { seeds }),
  };
  const live = await reprise.liveCounts();
  if (live.handles !== 0) throw new Error(`${live.handles} handles are left`);
  return made;
}
