// Runs the benches in every place that is there and prints a line of JSON for each figure.
//
//   node bench/run.mjs [matmul] [model] [peers] [chromium] [tokenize] [hostile] [load] [datasets] [--rounds N]
//
// Without names: matmul, model and peers. tokenize, hostile and datasets read files of the
// reference material in .reference/. It times what `./dev build native-release package` left in build/,
// in this Node and in the one of bench/peers/package.json, which it installs.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
  },
});
const known = ['matmul', 'model', 'peers', 'chromium', 'tokenize', 'hostile', 'load', 'datasets'];
const names = positionals.length > 0 ? positionals : ['matmul', 'model', 'peers'];
for (const name of names) {
  if (!known.includes(name)) throw new Error(`no bench ${name}; there are ${known.join(', ')}`);
}
const peersFolder = join(root, 'bench', 'peers');
if (!existsSync(join(peersFolder, 'node_modules'))) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: peersFolder, stdio: 'inherit' });
}
const nodes = [process.execPath, join(peersFolder, 'node_modules/node/bin/node')];

function built(path) {
  const full = join(root, 'build', path);
  if (!existsSync(full)) throw new Error(`${full} is missing: ./dev build native-release package`);
  return full;
}

// Runs a program and returns its lines, each with where it ran.
function lines(where, program, args) {
  const out = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return out.trim().split('\n').map((line) => ({ where, ...JSON.parse(line) }));
}
const show = (results) => results.forEach((result) => console.log(JSON.stringify(result)));

const nodeName = (node) => `node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}`;
const wasmBench = (threads) => built(`${threads > 1 ? 'wasm-threads' : 'wasm'}/bench/reprise_bench.js`);

function matmul() {
  const bench = built('native-release/bench/reprise_bench');
  for (const { simd } of lines('native', bench, ['levels'])) {
    show(lines('native', bench, ['matmul', '--simd', simd, '--rounds', options.rounds]));
  }
  for (const node of nodes) {
    show(lines(nodeName(node), node, [wasmBench(1), 'matmul', '--rounds', options.rounds]));
  }
}

function model() {
  for (const dtype of ['f32', 'bf16']) {
    for (const threads of [1, 2]) {
      const args = ['model', '--dtype', dtype, '--threads', `${threads}`, '--rounds', options.rounds];
      show(lines('native', built('native-release/bench/reprise_bench'), args));
      for (const node of nodes) {
        show(lines(nodeName(node), node, [wasmBench(threads), ...args]));
      }
    }
  }
}

// Ours and theirs in turn, so that a machine that slows down slows down both; medians of the turns.
function peers() {
  const script = join(peersFolder, 'matmul.mjs');
  const median = (numbers) => numbers.sort((x, y) => x - y)[numbers.length >> 1];
  for (const node of nodes) {
    const rates = { reprise: [], 'jax-js': [], tfjs: [] };
    for (let round = 0; round < Number(options.rounds); ++round) {
      const own = lines('', node, [wasmBench(1), 'matmul', '--rounds', '3']);
      rates.reprise.push(own[0].gflops);
      for (const peer of ['jax-js', 'tfjs']) {
        rates[peer].push(lines('', node, [script, peer, '3'])[0].gflops);
      }
    }
    const ratio = (peer) => median(rates.reprise.map((rate, i) => rate / rates[peer][i]));
    const result = { bench: 'peers', where: nodeName(node), over_jax_js: ratio('jax-js'), over_tfjs: ratio('tfjs') };
    for (const name of Object.keys(rates)) result[`${name}_gflops`] = median(rates[name]);
    show([result]);
  }
}

// Serves the two wasm builds with cross-origin isolation and runs the bench in a page.
async function chromium() {
  const { chromium: browserType } = await import('playwright-core');
  const types = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' };
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const file = join(root, 'build', path);
    const isPage = path.endsWith('/page.html');
    if (!isPage && !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    return response.end(isPage ? '<!doctype html><title>bench</title>' : readFileSync(file));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await browserType.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  const where = `chromium ${browser.version()}`;
  const run = async (threads, args) => {
    const page = await browser.newPage();
    const folder = `${origin}/${threads > 1 ? 'wasm-threads' : 'wasm'}/bench`;
    await page.goto(`${folder}/page.html`);
    const text = await page.evaluate(
      ({ src, args }) =>
        new Promise((resolve, reject) => {
          const printed = [];
          globalThis.Module = {
            arguments: args,
            print: (line) => printed.push(line),
            printErr: (line) => printed.push(line),
            onExit: (code) => (code === 0 ? resolve(printed) : reject(new Error(printed.join('\n')))),
          };
          const script = document.createElement('script');
          script.src = src;
          script.onerror = () => reject(new Error(`${src} did not load`));
          document.head.append(script);
        }),
      { src: `${folder}/reprise_bench.js`, args },
    );
    await page.close();
    show(text.map((line) => ({ where, ...JSON.parse(line) })));
  };
  try {
    await run(1, ['matmul', '--rounds', options.rounds]);
    for (const dtype of ['f32', 'bf16']) {
      for (const threads of [1, 2]) {
        await run(threads, ['model', '--dtype', dtype, '--threads', `${threads}`, '--rounds', options.rounds]);
      }
    }
  } finally {
    await browser.close();
    server.close();
  }
}

function reference(path) {
  const full = join(root, '.reference', path);
  if (!existsSync(full)) throw new Error(`${full} is missing: it is part of the reference material`);
  return full;
}
const vocabularies = ['gpt2', 'gpt4', 'gpt4o', 'llama3_2', 'qwen2_5', 't5-small', 'bert-base-uncased'];

// Natively, through the package in turn with native, and through the package beside its peers.
function tokenize() {
  const bench = built('native-release/bench/reprise_bench');
  const inTurn = join(root, 'bench', 'tokenize.mjs');
  const peersScript = join(peersFolder, 'tokenize.mjs');
  for (const name of [...vocabularies, 'gemma3']) {
    const file = reference(`tokenizers/${name}/tokenizer.json`);
    for (const text of ['bench_en.txt', 'bench_multi.txt']) {
      const args = ['tokenize', '--tokenizer', file, '--text', reference(`bench/${text}`), '--rounds', options.rounds];
      show(lines('native', bench, args).map((line) => ({ ...line, tokenizer: name, text })));
      if (name === 'gemma3') continue;
      show(lines('', process.execPath, [inTurn, dirname(file), reference(`bench/${text}`)]));
      show(lines('', process.execPath, [peersScript, dirname(file), reference(`bench/${text}`), options.rounds]));
    }
  }
}

function hostile() {
  for (const name of vocabularies) {
    const file = reference(`tokenizers/${name}/tokenizer.json`);
    const args = ['hostile', '--tokenizer', file, '--rounds', options.rounds];
    show(lines('native', built('native-release/bench/reprise_bench'), args).map((line) => ({ ...line, tokenizer: name })));
  }
}

function load() {
  show(lines('', process.execPath, [join(root, 'bench', 'load.mjs'), '--rounds', options.rounds]));
}

// The core alone, then through the package beside other readers.
function datasets() {
  show(lines('native', built('native-release/bench/reprise_bench'), ['dataset', '--rounds', options.rounds]));
  for (const node of nodes) show(lines(nodeName(node), node, [wasmBench(1), 'dataset', '--rounds', options.rounds]));
  for (const node of nodes) {
    for (const names of [['short', 'long', 'jsonl', 'pack'], ['large']]) {
      const args = [join(root, 'bench', 'datasets.mjs'), ...names, '--rounds', options.rounds];
      show(lines(nodeName(node), node, args));
    }
  }
}

const benches = { matmul, model, peers, chromium, tokenize, hostile, load, datasets };
for (const name of names) await benches[name]();
