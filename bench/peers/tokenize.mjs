// node bench/peers/tokenize.mjs TOKENIZER_FOLDER TEXT [rounds] [first characters]
//
// Encodes the documents of a text, from JavaScript strings to ids, with this package and with the
// libraries of bench/peers that have the same vocabulary, in turn within each round; prints megabytes
// of UTF-8 a second. Documents that a peer gives other ids for are left out for all; a peer that gives
// them for more than one of a hundred is not timed. The line says how many they are.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { configure, loadTokenizer } from '../../packages/reprise/dist/index.js';

const [folder, textFile, rounds = '5', firstCharacters = '1500000'] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const json = readFileSync(join(folder, 'tokenizer.json'));

/** Paragraphs, joined until they have 2,500 characters. */
function documentsOf(text) {
  const documents = [''];
  for (const paragraph of text.split(/(?<=\n)/)) {
    if (documents.at(-1).length >= 2500) documents.push('');
    documents[documents.length - 1] += paragraph;
  }
  return documents;
}
let documents = documentsOf(readFileSync(textFile, 'utf8').slice(0, Number(firstCharacters)));

await configure({ threads: 1, log: false });
const own = await loadTokenizer(join(folder, 'tokenizer.json'));
const encoders = { reprise: async (text) => (await own.encode(text)).ids };

/** The libraries that can encode with this vocabulary; the name says which it is. */
async function addPeers(name) {
  const openAi = { gpt2: 'gpt2', gpt4: 'cl100k_base', gpt4o: 'o200k_base' }[name];
  if (openAi !== undefined) {
    const tiktoken = require('tiktoken').get_encoding(openAi);
    encoders.tiktoken = (text) => tiktoken.encode(text, [], []);
  }
  if (openAi === 'cl100k_base' || openAi === 'o200k_base') {
    const { encode } = await import(`gpt-tokenizer/encoding/${openAi}`);
    encoders['gpt-tokenizer'] = (text) => encode(text);
    const { default: AiTokenizer } = await import('ai-tokenizer');
    const encodings = await import('ai-tokenizer/encoding');
    const ai = new AiTokenizer(encodings[openAi]);
    encoders['ai-tokenizer'] = (text) => ai.encode(text);
  }
  const { Kitoken } = require('kitoken/node');
  try {
    const kitoken = new Kitoken(json);
    encoders.kitoken = (text) => kitoken.encode(text, false);
  } catch (error) {
    console.error(`kitoken does not read ${folder}: ${error}`);
  }
  const { Tokenizer } = await import('@huggingface/tokenizers');
  const hf = new Tokenizer(JSON.parse(json), {});
  encoders['@huggingface/tokenizers'] = (text) => hf.encode(text, { add_special_tokens: false }).ids;
}
await addPeers(basename(folder));

const differs = {};
for (const name of Object.keys(encoders).slice(1)) {
  differs[name] = new Set();
  for (const document of documents) {
    const [ours, theirs] = [await encoders.reprise(document), encoders[name](document)];
    const same = ours.length === theirs.length && ours.every((id, i) => id === theirs[i]);
    if (!same) differs[name].add(document);
  }
}
const names = Object.keys(encoders).filter((name) => !(differs[name]?.size > documents.length / 100));
documents = documents.filter((document) => !names.some((name) => differs[name]?.has(document)));
const megabytes = Buffer.byteLength(documents.join('')) / 1e6;
const rates = Object.fromEntries(names.map((name) => [name, []]));
/** Encodes all documents; seconds. */
async function pass(name) {
  const encode = encoders[name];
  const begin = performance.now();
  for (const document of documents) {
    const ids = encode(document);
    if (name === 'reprise') await ids;
  }
  return (performance.now() - begin) / 1e3;
}
// V8 takes some passes to make its fast code, and caches fill: nobody is timed before that.
for (const name of names) {
  for (let seconds = 0, passes = 0; seconds < 2 && passes < 20; passes++) seconds += await pass(name);
}
for (let round = 0; round < Number(rounds); ++round) {
  for (const name of names) rates[name].push(megabytes / await pass(name));
}
const median = (numbers) => numbers.sort((x, y) => x - y)[numbers.length >> 1];
const figures = Object.fromEntries(names.map((name) => [name, Number(median(rates[name]).toFixed(2))]));
const best = Math.max(...names.slice(1).map((name) => figures[name]));
console.log(JSON.stringify({
  bench: 'tokenize', where: `node ${process.version}`, tokenizer: basename(folder), text: basename(textFile),
  mb_per_s: figures, over_best_peer: Number((figures.reprise / best).toFixed(2)),
  documents: documents.length,
  other_ids_in_documents: Object.fromEntries(Object.entries(differs).map(([name, of]) => [name, of.size])),
}));
own.dispose();
