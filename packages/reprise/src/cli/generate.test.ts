// `reprise generate` and `reprise score`: text, JSON, every option, interruption, and readers that
// leave.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { writeRandomLlama } from '../testing/random-llama.js';
import { generations, onceUponATime, reprise, shell, storyModel } from '../testing/run-command.js';
import { TestServer } from '../testing/server.js';

const greedy = ['--temperature', '0', '--max-tokens', '120', '--stop-ids', ''];

interface Generated {
  text: string;
  tokens: number[];
  promptIds: number[];
  finishReason: string;
  seed: number;
  logprobs?: { id: number; logprob: number; top: { id: number; logprob: number }[] }[];
  timings: Record<string, number>;
  backend: string;
}
async function generated(words: readonly string[], input?: string): Promise<Generated> {
  const options = input === undefined ? {} : { input };
  const { code, stdout, stderr } = await reprise(['generate', '--json', ...words], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Generated;
}

describe('generate --json', () => {
  it.each(generations)('$prompt continues as in transformers', async (expected) => {
    const prompt = `--prompt=${expected.prompt}`;
    const found = await generated([prompt, ...greedy, '--model', storyModel]);
    expect(found.tokens).toEqual(expected.greedy);
    expect(found.text).toBe(expected.text);
    expect(found.promptIds).toEqual(expected.ids);
    expect(found).toMatchObject({ finishReason: 'max_tokens', backend: 'cpu' });
    expect(found.timings.promptTokens).toBe(expected.ids.length);
    expect(found.timings.tokensPerSecond).toBeGreaterThan(0);
  });

  it('takes the built-in model by default, ids, and a prompt on standard input', async () => {
    const ids = await generated(['--prompt-ids', onceUponATime.ids.join(','), ...greedy]);
    expect(ids.tokens).toEqual(onceUponATime.greedy);
    const text = await generated(['--prompt', '-', ...greedy], onceUponATime.prompt);
    expect(text.tokens).toEqual(onceUponATime.greedy);
  });

  it('gives the same text for the same seed, with any number of threads', async () => {
    const words = [
      '--prompt',
      'Lily',
      '--seed',
      '42',
      '--temperature',
      '0.9',
      '--max-tokens',
      '60',
    ];
    const first = await generated([...words, '--threads', '1']);
    const again = await generated([...words, '--threads', '2']);
    expect(again.tokens).toEqual(first.tokens);
    expect(first.seed).toBe(42);
    const other = await generated([...words.map((word) => (word === '42' ? '43' : word))]);
    expect(other.tokens).not.toEqual(first.tokens);
  });

  it('draws a seed and tells it', async () => {
    const words = ['--prompt', 'Lily', '--max-tokens', '20'];
    const first = await generated(words);
    const again = await generated([...words, '--seed', String(first.seed)]);
    expect(again.tokens).toEqual(first.tokens);
  });

  it('every sampling option reaches the sampler', async () => {
    const base = ['--prompt', onceUponATime.prompt, '--seed', '1', '--max-tokens', '40'];
    const tokens = async (...words: string[]): Promise<number[]> =>
      (await generated([...base, '--threads', '1', ...words])).tokens;
    const likeliest = onceUponATime.greedy.slice(0, 40);
    const onlyLikeliest = [
      tokens('--top-k', '1'),
      tokens('--top-p', '0.000001'),
      tokens('--min-p', '1'),
    ];
    for (const found of await Promise.all(onlyLikeliest)) expect(found).toEqual(likeliest);

    // Bytes that the model never saw have equal logits: the bias decides, until it is penalised.
    const bias = ['--logit-bias', '200=1000', '--logit-bias', '201=999.5'];
    const repeated = await tokens(...bias, '--temperature', '0');
    expect(new Set(repeated)).toEqual(new Set([200]));
    const penalised = await Promise.all([
      tokens(...bias, '--temperature', '0', '--frequency-penalty', '0.75'),
      tokens(...bias, '--temperature', '0', '--presence-penalty', '0.75'),
      tokens('--temperature', '0', '--repetition-penalty', '1.8'),
      tokens('--temperature', '0', '--frequency-penalty', '-1.5'),
    ]);
    expect(penalised[0].slice(0, 4)).toEqual([200, 201, 200, 201]);
    expect(penalised[1].slice(0, 2)).toEqual([200, 201]);
    expect(penalised[2]).not.toEqual(likeliest);
    expect(penalised[3]).not.toEqual(likeliest);
    expect(await tokens('--temperature', '0.000001')).toEqual(likeliest);
  });

  it('stops at texts and ids', async () => {
    const at = (text: string): string =>
      onceUponATime.text.slice(0, onceUponATime.text.indexOf(text));
    const byText = await generated([
      '--prompt',
      onceUponATime.prompt,
      ...greedy,
      '--stop',
      'never to be seen',
      '--stop',
      'park',
    ]);
    expect(byText).toMatchObject({ text: at('park'), finishReason: 'stop_text' });
    const stopId = onceUponATime.greedy[10] as number;
    const byId = await generated([
      '--prompt',
      onceUponATime.prompt,
      '--temperature',
      '0',
      '--stop-ids',
      String(stopId),
    ]);
    expect(byId.finishReason).toBe('stop_id');
    expect(byId.tokens).toEqual(
      onceUponATime.greedy.slice(0, onceUponATime.greedy.indexOf(stopId) + 1),
    );
  });

  it('gives logprobs', async () => {
    const { logprobs, tokens } = await generated([
      '--prompt',
      'Lily',
      '--temperature',
      '0',
      '--max-tokens',
      '3',
      '--logprobs',
      '2',
    ]);
    expect(logprobs?.map(({ id }) => id)).toEqual(tokens);
    for (const { id, logprob, top } of logprobs ?? []) {
      expect(top).toHaveLength(2);
      expect(top[0]).toEqual({ id, logprob });
      expect(logprob).toBeLessThan(0);
    }
  });

  it('a shorter context ends the text', async () => {
    const found = await generated([
      '--prompt',
      onceUponATime.prompt,
      '--temperature',
      '0',
      '--context-length',
      '32',
    ]);
    expect(found.finishReason).toBe('context');
    expect(found.promptIds.length + found.tokens.length).toBeLessThanOrEqual(33);
    const { code, stderr } = await reprise([
      'generate',
      '--context-length',
      '4',
      '--prompt-ids',
      onceUponATime.ids.join(','),
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^reprise: [^\n]* \(context_overflow\)\n$/);
  });
});

describe('generate as text', () => {
  it('writes the continuation to stdout and figures to stderr', async () => {
    const words = ['generate', '--prompt', onceUponATime.prompt, ...greedy];
    const { code, stdout, stderr } = await reprise(words);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${onceUponATime.text}\n` });
    expect(stderr).toMatch(/^reprise: 120 tokens in .* tokens\/s, .*; seed \d+; cpu\n$/);
    const quiet = await reprise([...words, '--quiet', '--echo']);
    expect(quiet).toEqual({
      code: 0,
      stdout: `${onceUponATime.prompt}${onceUponATime.text}\n`,
      stderr: '',
    });
  });

  it('ends quietly where its reader goes away', async () => {
    const { stdout, stderr } = await shell(
      '$REPRISE generate --quiet --temperature 0 --prompt "Once upon a time" | head -c 11; ' +
        'echo "|${PIPESTATUS[0]}"',
    );
    expect({ stdout, stderr }).toEqual({
      stdout: `${onceUponATime.text.slice(0, 11)}|0\n`,
      stderr: '',
    });
  });
});

describe('a folder without a tokenizer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-generate-'));
  beforeAll(() => writeRandomLlama(folder, 16384));
  afterAll(() => rmSync(folder, { recursive: true }));
  const long = ['generate', '--model', folder, '--prompt-ids', '1,2,3', '--seed', '1'];

  it('gives ids', async () => {
    const json = await generated([...long.slice(1), '--max-tokens', '5']);
    expect(json).toMatchObject({ text: '', finishReason: 'max_tokens' });
    expect(json.tokens).toHaveLength(5);
    const { stdout, stderr } = await reprise([...long, '--max-tokens', '5']);
    expect(stdout).toBe(`${json.tokens.join(',')}\n`);
    expect(stderr).toContain('the folder has no tokenizer');
  });

  it('takes no text', async () => {
    const { code, stderr } = await reprise(['generate', '--model', folder, '--prompt', 'a']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^reprise: [^\n]*tokenizer[^\n]* \(invalid_argument\)\n$/);
  });

  it('Ctrl-C keeps what there is and ends with 130', async () => {
    const { code, stdout, stderr } = await reprise(long, {
      onOutput: (child) => setTimeout(() => child.kill('SIGINT'), 100),
    });
    expect(code).toBe(130);
    expect(stdout).toMatch(/^\d+(,\d+)*\n$/);
    expect(stderr).toMatch(/\nreprise: \d+ tokens in [^\n]*, interrupted; [^\n]*\n$/);
    const count = Number(/reprise: (\d+) tokens/.exec(stderr)?.[1]);
    expect(stdout.split(',')).toHaveLength(count);
    expect(count).toBeLessThan(16000);
  });

  it('Ctrl-C with --json gives the part that was made', async () => {
    // Nothing is written before the end, so how long the start takes is measured first.
    const started = Date.now();
    await generated([...long.slice(1), '--max-tokens', '1']);
    const seconds = (2 * (Date.now() - started)) / 1000;
    const { stdout, stderr } = await shell(
      `$REPRISE ${long.join(' ')} --json & sleep ${seconds}; kill -INT $!; wait $!; echo "code $?"`,
    );
    const [json, code] = stdout.split('\n');
    expect({ code, stderr }).toEqual({ code: 'code 130', stderr: '' });
    const { finishReason, tokens } = JSON.parse(json as string) as Generated;
    expect(finishReason).toBe('aborted');
    expect(tokens.length).toBeGreaterThan(1);
  });
});

describe('score', () => {
  const tokens = [...onceUponATime.ids, ...onceUponATime.greedy.slice(0, 10)];

  it('gives the loss and a logprob for each token after the first', async () => {
    const { code, stdout, stderr } = await reprise([
      'score',
      '--tokens',
      tokens.join(','),
      '--json',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const found = JSON.parse(stdout) as { tokens: number[]; loss: number; logprobs: number[] };
    expect(found.tokens).toEqual(tokens);
    expect(found.logprobs).toHaveLength(tokens.length - 1);
    const mean = -found.logprobs.reduce((sum, value) => sum + value, 0) / found.logprobs.length;
    expect(found.loss).toBeCloseTo(mean, 5);
    // Greedy tokens are each the likeliest.
    for (const logprob of found.logprobs.slice(-10)) expect(logprob).toBeGreaterThan(Math.log(0.1));

    const text = await reprise(['score', '--text', onceUponATime.prompt, '--json']);
    const ofText = JSON.parse(text.stdout) as typeof found;
    expect(ofText.tokens).toEqual(onceUponATime.ids);
    expect(ofText.logprobs).toEqual(found.logprobs.slice(0, onceUponATime.ids.length - 1));
  });

  it("adds the last position's logits", async () => {
    const words = ['score', '--tokens', onceUponATime.ids.join(','), '--json', '--logits'];
    const { logits } = JSON.parse((await reprise(words)).stdout) as { logits: number[] };
    expect(logits).toHaveLength(512);
    expect(logits.indexOf(Math.max(...logits))).toBe(onceUponATime.greedy[0]);
  });

  it('in lines', async () => {
    const lines = (await reprise(['score', '--tokens', '-'], { input: tokens.join(' ') })).stdout;
    expect(lines).toMatch(/^loss \d+\.\d+\n1\t403\t-\d+\.\d+\t"[^\n]*"\n/);
    expect(lines.trimEnd().split('\n')).toHaveLength(tokens.length);
  });

  it('tells of a file that a host refuses and that counts as absent', async () => {
    const server = await TestServer.start(({ url }, response) => {
      if (/manifest|generation_config/.test(url as string)) response.writeHead(403).end();
      else response.writeHead(200).end(readFileSync(`${storyModel}${url}`));
    });
    const words = ['score', '--model', server.url, '--tokens', '1,403'];
    const { code, stderr } = await reprise(words);
    const { url } = server;
    await server.close();
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: ['manifest.json', 'generation_config.json'].map((name) =>
        `reprise: ${url}/${name} answers 403 and counts as absent\n`).join(''),
    });
  });

  it('refuses a file that a host refuses and the manifest lists', async () => {
    const server = await TestServer.start(({ url }, response) => {
      if (url === '/generation_config.json') response.writeHead(403).end();
      else response.writeHead(200).end(readFileSync(`${storyModel}${url}`));
    });
    const { code, stderr } = await reprise(
      ['score', '--model', server.url, '--tokens', '1,403', '--json']);
    await server.close();
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'not_found', fields: { file: 'generation_config.json', status: 403 } },
    });
  });

  it('refuses a single token', async () => {
    const { code, stderr } = await reprise(['score', '--tokens', '1']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^reprise: [^\n]* \(invalid_argument\)\n$/);
  });
});
