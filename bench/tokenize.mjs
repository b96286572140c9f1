// node bench/tokenize.mjs TOKENIZER_FOLDER TEXT [rounds] [first bytes]
//
// Encodes the documents of a text natively (a process of reprise_bench that waits for its turn) and
// through the package in this Node, from JavaScript strings to ids, in turn; prints megabytes of UTF-8 a
// second and Node's share of native, medians of the rounds. What is timed is processor time, of Node with
// its collector and compilers. The ids of both have one hash, or nothing is timed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { configure, loadTokenizer } from '../packages/reprise/dist/index.js';

const [folder, textFile, rounds = '15', firstBytes = '1500000'] = process.argv.slice(2);
const file = join(folder, 'tokenizer.json');

/** Those of bench/tokenize.cc: parts that end with the first line behind 2,500 bytes. */
function documentsOf(text) {
  const documents = [];
  for (let at = 0; at < text.length;) {
    const line = text.indexOf('\n', at + 2500);
    const end = line < 0 ? text.length : line + 1;
    documents.push(text.toString('utf8', at, end));
    at = end;
  }
  return documents;
}
const whole = readFileSync(textFile);
const text = whole.subarray(0, whole.lastIndexOf('\n', Number(firstBytes)) + 1);
const documents = documentsOf(text);
const temporary = mkdtempSync(join(tmpdir(), 'reprise-bench-'));
process.on('exit', () => rmSync(temporary, { recursive: true }));
const part = join(temporary, 'text');
writeFileSync(part, text);

const bench = fileURLToPath(new URL('../build/native-release/bench/reprise_bench', import.meta.url));
const native = spawn(bench, ['tokenize_in_turn', '--tokenizer', file, '--text', part],
  { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface(native.stdout)[Symbol.asyncIterator]();
const answer = async () => (await answers.next()).value;

await configure({ threads: 1, log: false });
const tokenizer = await loadTokenizer(file);
const hash = createHash('sha256');
for (const document of documents) hash.update((await tokenizer.encode(document)).ids);
if (await answer() !== hash.digest('hex')) throw new Error('Native and Node give other ids.');

async function nativePass() {
  native.stdin.write('\n');
  return Number(await answer());
}
async function nodePass() {
  const begin = process.cpuUsage();
  for (const document of documents) await tokenizer.encode(document);
  const { user, system } = process.cpuUsage(begin);
  return user + system;
}
// V8 takes some passes to make its fast code, and caches fill.
for (let pass = 0; pass < 15; pass++) await nodePass();
for (let pass = 0; pass < 3; pass++) await nativePass();
const times = { native: [], node: [] };
for (let round = 0; round < Number(rounds); round++) {
  times.native.push(await nativePass());
  times.node.push(await nodePass());
}
native.stdin.end();
const median = (numbers) => [...numbers].sort((x, y) => x - y)[numbers.length >> 1];
const rate = (times) => Number((text.length / median(times)).toFixed(1));
console.log(JSON.stringify({
  bench: 'tokenize_in_turn', where: `node ${process.version}`, tokenizer: basename(folder),
  text: basename(textFile), native_mb_per_s: rate(times.native), node_mb_per_s: rate(times.node),
  share: Number(median(times.native.map((time, i) => time / times.node[i])).toFixed(3)),
  documents: documents.length,
}));
tokenizer.dispose();
