// Datasets through the package, in Node and in browsers alike.

/** Rows, hash, schema and the splits' seed, rows and hashes of files, given as {name, base64}. */
export async function readDatasets(reprise, { files }) {
  const found = {};
  for (const { name, base64 } of files) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const data = await reprise.loadDataset(new File([bytes], name));
    const splits = await data.split({ ratios: { train: 0.5, test: 0.5 }, seed: 7 });
    const rows = Object.values(splits).reduce((sum, split) => sum + split.rows, 0);
    found[name] = {
      rows, hash: await data.hash(), schema: data.schema, seed: splits.train.seed,
      splits: Object.fromEntries(Object.values(splits).map((split) =>
        [split.name, { rows: split.rows, hash: split.hash }])),
    };
    data.dispose();
  }
  return found;
}
