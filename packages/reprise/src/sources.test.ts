// Where models come from: addresses, paths, files by name, bytes; and what can go wrong there.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import {
  configure, createManifest, createModel, loadModel, type LoadModelOptions, loadTokenizer, type ModelConfig,
  type Progress, RepriseError, shutdown, type TelemetryEvent,
} from 'reprise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectNothingAlive, rejection, storiesFile, storiesFolder } from './testing/material.js';
import { TestServer } from './testing/server.js';
import { shards } from './testing/shards.js';

const names = ['config.json', 'generation_config.json', 'tokenizer.json', 'model.safetensors'];
const bytesOf = (name: string) => new Uint8Array(readFileSync(storiesFile(name)));
const config = JSON.parse(readFileSync(storiesFile('config.json'), 'utf8')) as ModelConfig;

beforeAll(() => configure({ threads: 1, log: false }));
afterEach(expectNothingAlive);
afterAll(shutdown);

/** Loads, checks that the model is the story model, and disposes of it. */
async function expectStories(
  folder: Parameters<typeof loadModel>[0], options?: LoadModelOptions,
): Promise<void> {
  using model = await loadModel(folder, { backend: 'cpu', ...options });
  const result = await model.generate('Once upon a time', { temperature: 0, maxTokens: 5 });
  expect(result.text).toBe(', there was a little');
}

describe('places', () => {
  it('a path and a file address', async () => {
    await expectStories(storiesFolder);
    await expectStories(`${storiesFolder}/`);
    await expectStories(pathToFileURL(storiesFolder));
  });

  it('files by name: bytes, buffers, blobs, paths', async () => {
    await expectStories({
      'config.json': bytesOf('config.json'),
      'generation_config.json': bytesOf('generation_config.json').buffer,
      'tokenizer.json': new Blob([bytesOf('tokenizer.json')]),
      'model.safetensors': storiesFile('model.safetensors'),
    });
  });

  it('a list of files, in a folder of their own or not', async () => {
    const { File } = await import('node:buffer');
    const files = names.map((name) => new File([bytesOf(name)], name) as globalThis.File);
    await expectStories(files);
    const nested = files.map((file) => Object.defineProperty(
      file, 'webkitRelativePath', { value: `stories/${file.name}` }));
    const other = Object.defineProperty(new File(['{}'], 'config.json') as globalThis.File,
      'webkitRelativePath', { value: 'stories/onnx/config.json' });
    await expectStories([other, ...nested]);
  });

  it('shards with an index', async () => {
    const files = shards(bytesOf('model.safetensors'));
    await expectStories({ ...files, 'config.json': storiesFile('config.json'),
      'tokenizer.json': storiesFile('tokenizer.json') });
    const { 'model-00002-of-00002.safetensors': _, ...rest } = files;
    expect(await rejection(loadModel({ ...rest, 'config.json': storiesFile('config.json') })))
      .toMatchObject({ code: 'not_found', file: 'model-00002-of-00002.safetensors' });
  });

  it.each<[string, (bytes: number) => object, boolean]>([
    ['the index tells', (bytes) => ({ total_size: bytes }), true],
    ['the index does not tell', () => ({}), false],
    ['the index tells too little', () => ({ total_size: 1000 }), false],
  ])('the bytes of all shards, where %s', async (_, metadata, known) => {
    const files = shards(bytesOf('model.safetensors'), metadata);
    const load: Progress[] = [];
    await expectStories({ ...files, 'config.json': storiesFile('config.json'),
      'tokenizer.json': storiesFile('tokenizer.json') }, {
      onProgress: (progress) => progress.phase === 'load' && load.push(progress),
    });
    const bytes = Object.entries(files).reduce(
      (sum, [name, file]) => sum + (name.endsWith('.safetensors') ? file.length : 0), 0);
    expect(load.at(-1)?.done).toBe(bytes);
    for (const { done, total } of load) {
      expect(total !== undefined).toBe(known);
      if (total !== undefined) expect(done).toBeLessThanOrEqual(total);
    }
    expect(load.at(-1)?.total).toBe(known ? bytes : undefined);
  });

  it('the bytes of all files of a call, where they are at hand', async () => {
    const { 'model.safetensors.index.json': _, ...files } = shards(bytesOf('model.safetensors'));
    const [one, other] = Object.values(files) as [Uint8Array<ArrayBuffer>, Uint8Array];
    const totals = new Set<number | undefined>();
    using model = await createModel(config, [new Blob([one]), other], {
      backend: 'cpu',
      onProgress: ({ phase, total }) => phase === 'load' && totals.add(total),
    });
    expect(model.parameters).toBeGreaterThan(0);
    expect([...totals]).toEqual([one.length + other.length]);
  });

  it.each<[string, string, object]>([
    ['a path outside', '{"weight_map": {"a": "../x.safetensors"}}',
      { code: 'invalid_config', path: '$.weight_map["a"]', found: '"../x.safetensors"' }],
    ['no map', '{}', { code: 'invalid_config', path: '$.weight_map' }],
    ['an empty map', '{"weight_map": {}}', { code: 'invalid_config', path: '$.weight_map' }],
    ['a list for the map', '{"weight_map": ["x.safetensors"]}',
      { code: 'invalid_config', path: '$.weight_map', expected: 'an object' }],
    ['a list for everything', '[]', { code: 'invalid_config', path: '$' }],
    ['a name that is none', '{"weight_map": {"a": 5}}',
      { code: 'invalid_config', path: '$.weight_map["a"]', found: '5' }],
    ['metadata that are none', '{"weight_map": {"a": "x.safetensors"}, "metadata": 5}',
      { code: 'invalid_config', path: '$.metadata' }],
    ['bytes in words', '{"weight_map": {"a": "x.safetensors"}, "metadata": {"total_size": "all"}}',
      { code: 'invalid_config', path: '$.metadata.total_size', found: '"all"' }],
    ['no JSON', '{', { code: 'invalid_json', byte: 1 }],
    ['a comma too many', '{"weight_map": {"ä": "x.safetensors",}}', { code: 'invalid_json', byte: 38 }],
    ['a byte order mark', '\uFEFF{}', { code: 'invalid_json' }],
    ['a tensor twice', '{"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}}',
      { code: 'invalid_json' }],
  ])('an index with %s', async (_, index, expected) => {
    expect(await rejection(loadModel({
      'config.json': storiesFile('config.json'),
      'model.safetensors.index.json': new TextEncoder().encode(index),
    }))).toMatchObject({ file: 'model.safetensors.index.json', ...expected });
  });

  it('an index that is not UTF-8', async () => {
    const index = Buffer.from('{"weight_map": {"\xe4": "x.safetensors"}}', 'latin1');
    const error = await rejection(loadModel({
      'config.json': storiesFile('config.json'), 'model.safetensors.index.json': index,
    }));
    expect(error).toMatchObject({
      code: 'invalid_json', file: 'model.safetensors.index.json', byte: 17,
    });
  });

  it('weights of a call, whose bytes stay the caller\'s', async () => {
    const weights = bytesOf('model.safetensors');
    using model = await createModel(config, weights, { backend: 'cpu' });
    expect(weights.byteLength).toBe(1_044_984);
    expect(model.contextLength).toBe(512);
    using fromPath = await createModel(
      config, [storiesFile('model.safetensors')], { backend: 'cpu' });
    const prompt = [1, 403, 407];
    expect(await fromPath.score(prompt)).toEqual(await model.score(prompt));
  });

  it('a tokenizer given by the caller, which stays the caller\'s', async () => {
    using tokenizer = await loadTokenizer(storiesFile('tokenizer.json'));
    const model = await loadModel(
      { 'config.json': bytesOf('config.json'), 'model.safetensors': bytesOf('model.safetensors') },
      { backend: 'cpu', tokenizer });
    expect((await model.generate('Once', { temperature: 0, maxTokens: 3 })).text).not.toBe('');
    model.dispose();
    expect((await tokenizer.encode('Once')).ids.length).toBeGreaterThan(0);
  });

  it('things that are no source', async () => {
    for (const wrong of [5, null, undefined, new Uint8Array(3), ['a']]) {
      expect(await rejection(loadModel(wrong as never)), String(wrong))
        .toMatchObject({ code: 'invalid_argument', argument: 'folder' });
    }
    for (const wrong of [5, []]) {
      expect(await rejection(createModel(config, wrong as never)))
        .toMatchObject({ code: 'invalid_argument', argument: 'weights' });
    }
  });
});

it.each<[string, (address: string) => Promise<unknown>]>([
  ['folder', (address) => loadModel(address)],
  ['source', (address) => loadTokenizer(address)],
  ['weights', (address) => createModel(config, address)],
  ['config.json', (address) => loadModel({ 'config.json': address })],
])('%s that cannot be an address or a path', async (argument, call) => {
  for (const address of ['http://', 'https://[', 'file://elsewhere/a', 'file:///a%2Fb']) {
    const error = await rejection(call(address));
    expect(error).toBeInstanceOf(RepriseError);
    // A folder's own address is whole; that of a file in it cannot be a path.
    expect(error).toMatchObject({
      code: 'invalid_argument',
      argument: argument === 'folder' && address.startsWith('file') ? 'config.json' : argument,
    });
  }
});

describe('files of this machine', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reprise-'));
    return () => rm(folder, { recursive: true });
  });

  it('what is missing', async () => {
    expect(await rejection(loadModel(join(folder, 'nowhere'))))
      .toMatchObject({ code: 'not_found', file: join(folder, 'nowhere/config.json') });
    await symlink(storiesFile('config.json'), join(folder, 'config.json'));
    expect(await rejection(loadModel(folder)))
      .toMatchObject({ code: 'not_found', file: 'model.safetensors' });
  });

  it('what is no file, or not what its name says', async () => {
    expect(await rejection(loadTokenizer(folder))).toMatchObject({ code: 'io', file: folder });
    await writeFile(join(folder, 'tokenizer.json'), 'hello');
    expect(await rejection(loadTokenizer(join(folder, 'tokenizer.json'))))
      .toMatchObject({ code: 'invalid_json', file: join(folder, 'tokenizer.json'), byte: 0 });
  });
});

describe('addresses', () => {
  let server: TestServer;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const file = (request: IncomingMessage) => (request.url as string).replace(/^\/|\?.*$/g, '');
  const send = (request: IncomingMessage, response: ServerResponse) => {
    const name = file(request);
    if (!names.includes(name)) {
      response.writeHead(404).end('no such file');
      return;
    }
    const bytes = bytesOf(name);
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  };
  beforeAll(async () => {
    server = await TestServer.start((request, response) => answer(request, response));
    return () => server.close();
  });

  it('a folder, with progress, measurements and headers', async () => {
    const heard: Progress[] = [];
    const events: TelemetryEvent[] = [];
    const keys: unknown[] = [];
    answer = (request, response) => {
      keys.push(request.headers['x-key']);
      send(request, response);
    };
    await expectStories(`${server.url}/?revision=main`, {
      headers: { 'x-key': '5' },
      onProgress: (progress) => heard.push(progress),
      onTelemetry: (event) => events.push(event),
    });
    const asked = [names[0], 'manifest.json', ...names.slice(1)];
    expect(server.requests).toEqual(asked.map((name) => `/${name}?revision=main`));
    expect(keys).toEqual(['5', '5', '5', '5', '5']);
    const url = `${server.url}/model.safetensors?revision=main`;
    const last = (phase: string) => heard.filter((p) => p.phase === phase).at(-1);
    const done = { done: 1_044_984, total: 1_044_984, unit: 'bytes', file: url };
    expect(last('download')).toEqual({ phase: 'download', ...done });
    expect(last('load')).toEqual({ phase: 'load', ...done });
    expect(events.map(({ name }) => name)).toEqual([
      'download', 'download', 'download', 'download', 'load', 'memory', 'prefill', 'decode',
    ]);
    expect(events[3]?.bytes).toBe(1_044_984);
    expect(events[4]?.bytes).toBe(1_044_984);
    expect(events[5]?.bytes).toBeGreaterThan(1_000_000);
  });

  it('a body of unknown length, chunked or compressed', async () => {
    answer = (request, response) => {
      if (file(request) === 'model.safetensors') {
        response.write(bytesOf('model.safetensors').subarray(0, 70_000));
        response.end(bytesOf('model.safetensors').subarray(70_000));
      } else if (names.includes(file(request))) {
        const packed = gzipSync(bytesOf(file(request)));
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length });
        response.end(packed);
      } else send(request, response);
    };
    await expectStories(server.url);
  });

  it('a fetch of the caller\'s', async () => {
    answer = send;
    const asked: string[] = [];
    await expectStories('https://models.example/stories', {
      fetch: (input, init) => {
        asked.push(input);
        return fetch(input.replace('https://models.example/stories', server.url), init);
      },
    });
    expect(asked[0]).toBe('https://models.example/stories/config.json');
  });

  const load = () => rejection(loadModel(server.url)) as Promise<RepriseError>;
  const onlyFor = (name: string, special: (response: ServerResponse) => void) => {
    answer = (request, response) => {
      if (file(request) === name) special(response);
      else send(request, response);
    };
  };

  it('404', async () => {
    onlyFor('config.json', (response) => response.writeHead(404).end());
    const expected = { code: 'not_found', status: 404, file: `${server.url}/config.json` };
    expect(await load()).toMatchObject(expected);
  });

  it('other refusals of a server', async () => {
    onlyFor('tokenizer.json', (response) => response.writeHead(503).end('busy'));
    const expected = { code: 'network', status: 503, file: `${server.url}/tokenizer.json` };
    expect(await load()).toMatchObject(expected);
  });

  it('a host that answers 403 for what is not there, and the model of such a host', async () => {
    const files = { ...shards(bytesOf('model.safetensors')), 'config.json': bytesOf('config.json') };
    answer = (request, response) => {
      const bytes = Object.hasOwn(files, file(request))
        ? (files as Record<string, Uint8Array>)[file(request)] : undefined;
      response.writeHead(bytes === undefined ? 403 : 200).end(bytes);
    };
    const model = await loadModel(server.url);
    expect((await model.score([1, 403, 407])).logprobs).toHaveLength(2);
    expect(model.tokenizer).toBeUndefined();
    expect(model.verification.absent).toEqual(Object.fromEntries(
      ['manifest.json', 'generation_config.json', 'tokenizer.json', 'model.safetensors'].map(
        (name) => [`${server.url}/${name}`, { status: 403 }])));
    model.dispose();
    // A manifest without them would be another folder's.
    expect(await rejection(createManifest(server.url))).toMatchObject({
      code: 'network', status: 403, file: `${server.url}/generation_config.json`,
    });
    const manifest = await createManifest(server.url, { allowForbidden: true });
    expect(manifest.files.map(({ name }) => name)).toEqual(Object.keys(files).sort());
    answer = (request, response) => {
      if (file(request) === 'config.json') send(request, response);
      else response.writeHead(403).end();
    };
    const none = await load();
    expect(none.code).toBe('not_found');
    expect(none.message).toContain('403');
    onlyFor('config.json', (response) => response.writeHead(403).end());
    const refused = await load();
    expect(refused).toMatchObject({ code: 'network', status: 403 });
    expect(refused.message).toContain('or it is not there');
  });

  it.each(['config.json', 'tokenizer.json', 'model.safetensors'])(
    'a page of HTML in place of %s', async (name) => {
      const page = '<!DOCTYPE html><html><body>Log in</body></html>';
      for (const type of ['text/html; charset=utf-8', 'application/octet-stream']) {
        onlyFor(name, (response) =>
          response.writeHead(200, { 'content-type': type }).end(`\n  ${page}`));
        const error = await load();
        const file = `${server.url}/${name}`;
        expect(error).toMatchObject({ code: 'network', status: 200, file });
        expect(error.message).toContain('HTML');
      }
    });

  it('a body that breaks off', async () => {
    onlyFor('model.safetensors', (response) => {
      response.writeHead(200, { 'content-length': 1_044_984 });
      response.write(bytesOf('model.safetensors').subarray(0, 500_000), () => response.destroy());
    });
    const error = await load();
    expect(error).toMatchObject({ code: 'network', file: `${server.url}/model.safetensors` });
    expect(error.byte).toBeLessThanOrEqual(500_000);
  });

  it('a body that ends early without saying so', async () => {
    onlyFor('model.safetensors', (response) => {
      response.write(bytesOf('model.safetensors').subarray(0, 500_000));
      response.end();
    });
    expect(await load()).toMatchObject({ code: 'invalid_safetensors' });
  });

  it('a length that is a lie', async () => {
    // The core refuses the file at its beginning, while most of it still waits to be sent.
    const left = new Promise<void>((resolve) => {
      onlyFor('model.safetensors', (response) => {
        response.writeHead(200, { 'content-length': 500_000_000 });
        response.write(new Uint8Array(3_000_000).fill(1));
        response.on('close', resolve);
      });
    });
    expect(await load()).toMatchObject({ code: 'invalid_safetensors' });
    await left;
  });

  it('nobody there', async () => {
    const gone = await TestServer.start(() => undefined);
    const { url } = gone;
    await gone.close();
    const error = await rejection(loadModel(url));
    expect(error).toBeInstanceOf(RepriseError);
    expect(error).toMatchObject({ code: 'network', file: `${url}/config.json` });
  });
});
