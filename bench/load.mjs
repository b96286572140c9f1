// Loads a model of 270 MB checked against its manifest and unchecked, in turn: in Node from a cached
// file, in Chromium from a server that sends 100 MB/s.
//
//   node bench/load.mjs [node] [chromium] [--rounds N]
//
// The model has the shape of SmolLM2-135M in bf16, with weights from a small generator. First it checks
// that a changed byte is refused and that both ways give the same next token.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true, options: { rounds: { type: 'string', default: '5' } },
});
const rounds = Number(values.rounds);
const places = positionals.length > 0 ? positionals : ['node', 'chromium'];
const bytesPerSecond = 100e6;
const reprise = await import('../packages/reprise/dist/index.js');

const config = {
  model_type: 'llama', hidden_size: 576, intermediate_size: 1536, num_hidden_layers: 30, num_attention_heads: 9,
  num_key_value_heads: 3, vocab_size: 49152, max_position_embeddings: 256, rms_norm_eps: 1e-5, rope_theta: 10000,
  hidden_act: 'silu', tie_word_embeddings: true,
};

/** Writes config.json, model.safetensors and manifest.json. */
async function writeModel(folder) {
  const { hidden_size: c, intermediate_size: f, vocab_size: v } = config;
  const kv = (c / config.num_attention_heads) * config.num_key_value_heads;
  const shapes = [['model.embed_tokens.weight', [v, c]]];
  for (let i = 0; i < config.num_hidden_layers; ++i) {
    const layer = `model.layers.${i}.`;
    for (const [name, shape] of [
      ['input_layernorm', [c]], ['self_attn.q_proj', [c, c]], ['self_attn.k_proj', [kv, c]],
      ['self_attn.v_proj', [kv, c]], ['self_attn.o_proj', [c, c]], ['post_attention_layernorm', [c]],
      ['mlp.gate_proj', [f, c]], ['mlp.up_proj', [f, c]], ['mlp.down_proj', [c, f]],
    ]) shapes.push([`${layer}${name}.weight`, shape]);
  }
  shapes.push(['model.norm.weight', [c]]);
  const header = {};
  let at = 0;
  for (const [name, shape] of shapes) {
    const bytes = 2 * shape.reduce((a, b) => a * b);
    header[name] = { dtype: 'BF16', shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const text = JSON.stringify(header);
  const head = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(head.length));
  const file = openSync(join(folder, 'model.safetensors'), 'w');
  writeSync(file, Buffer.concat([size, head]));
  let state = 1;
  for (const [, shape] of shapes) {
    // Signs and the upper mantissa are drawn, so that values lie from 0.03 to 0.06 in magnitude.
    const values = new Uint16Array(shape.reduce((a, b) => a * b));
    for (let i = 0; i < values.length; ++i) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values[i] = 0x3d00 | ((state >>> 16) & 0x807f);
    }
    writeSync(file, new Uint8Array(values.buffer));
  }
  closeSync(file);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(await reprise.createManifest(folder)));
  return statSync(join(folder, 'model.safetensors')).size;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

/** Loads checked and unchecked in turn; the order changes with the round. */
async function measure(where, bytes, load) {
  const times = { verified: [], unverified: [] };
  await load(true);
  for (let round = 0; round < rounds; ++round) {
    for (const verify of round % 2 === 0 ? [true, false] : [false, true]) {
      times[verify ? 'verified' : 'unverified'].push(await load(verify));
    }
  }
  const ratios = times.verified.map((time, i) => time / times.unverified[i]);
  console.log(JSON.stringify({
    bench: 'load', where, mb: Math.round(bytes / 1e6), verified_ms: Math.round(median(times.verified)),
    unverified_ms: Math.round(median(times.unverified)), ratio: Number(median(ratios).toFixed(3)),
    ratios: ratios.map((ratio) => Number(ratio.toFixed(3))),
  }));
}

async function checkResult(folder) {
  const next = [];
  for (const verify of [true, false]) {
    const model = await reprise.loadModel(folder, { verify });
    if (model.verification.status !== (verify ? 'verified' : 'not_checked')) throw new Error('not as asked');
    next.push((await model.generate([1, 2, 3], { temperature: 0, maxTokens: 1, stopIds: [] })).tokens[0]);
    model.dispose();
  }
  if (next[0] !== next[1]) throw new Error('checked and unchecked weights differ');
  const weights = readFileSync(join(folder, 'model.safetensors'));
  weights[200e6] ^= 1;
  const files = Object.fromEntries(['config.json', 'manifest.json'].map((name) => [name, join(folder, name)]));
  const code = await reprise.loadModel({ ...files, 'model.safetensors': weights }).then(() => 'loaded', (error) => error.code);
  if (code !== 'hash_mismatch') throw new Error(`a changed byte: ${code}`);
}

async function inNode(folder, bytes) {
  await measure(`node ${process.version}`, bytes, async (verify) => {
    const begin = performance.now();
    const model = await reprise.loadModel(folder, { verify });
    const time = performance.now() - begin;
    model.dispose();
    return time;
  });
}

/** Serves the package and the model, the weights at a steady rate. */
async function serveSlowly(folder) {
  const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
  const piece = 1 << 20;
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname);
    if (path === '/page.html') return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>load</title>');
    const file = path.startsWith('/model/') ? join(folder, path.slice(7)) : join(root, path);
    let content;
    try {
      content = readFileSync(file);
    } catch {
      return response.writeHead(404).end();
    }
    response.writeHead(200, {
      'content-type': types[extname(path)] ?? 'application/octet-stream', 'content-length': content.length, 'cache-control': 'no-store',
    });
    const begin = performance.now();
    for (let at = 0; at < content.length; at += piece) {
      if (!response.write(content.subarray(at, at + piece))) await new Promise((resolve) => response.once('drain', resolve));
      const due = begin + ((at + piece) / bytesPerSecond) * 1000;
      if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    }
    return response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

async function inChromium(folder, bytes) {
  const { chromium } = await import('playwright-core');
  const server = await serveSlowly(folder);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}/page.html`);
    await measure(`chromium ${browser.version()}`, bytes, (verify) => page.evaluate(async (check) => {
      const { configure, loadModel } = await import('/packages/reprise/dist/index.js');
      await configure({ log: false });
      const begin = performance.now();
      const model = await loadModel('/model/', { verify: check });
      const time = performance.now() - begin;
      model.dispose();
      return time;
    }, verify));
  } finally {
    await browser.close();
    server.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'reprise-load-'));
try {
  await reprise.configure({ log: false });
  const bytes = await writeModel(folder);
  await checkResult(folder);
  if (places.includes('node')) await inNode(folder, bytes);
  await reprise.shutdown();
  if (places.includes('chromium')) await inChromium(folder, bytes);
} finally {
  rmSync(folder, { recursive: true });
}
