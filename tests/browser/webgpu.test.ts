// Models on WebGPU in Chromium, whose adapter is SwiftShader here: the CPU's tokens, logits close to
// the CPU's. And the browser without an adapter, which says so.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { serve, type Server } from '../../tools/serve.mjs';
import { launch, visit } from './chromium.js';
import { known, modelsFolder, packageFolder } from './places.js';

let folder: string;
const servers: Server[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reprise-webgpu-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><link rel="icon" href="data:,">');
  symlinkSync(join(packageFolder, 'dist'), join(folder, 'reprise'));
  symlinkSync(join(modelsFolder, 'stories-260k'), join(folder, 'stories-260k'));
});
afterAll(async () => {
  for (const server of servers) await server.close();
  rmSync(folder, { recursive: true });
});

/** A page, of an origin of its own, that has imported the package. */
async function open(browser: Browser, isolated: boolean): Promise<Page> {
  const server = await serve({ folder, isolated });
  servers.push(server);
  const { page } = await visit(browser, server.url);
  // As text, since Vitest would put its own function for import().
  await page.evaluate('import("/reprise/index.js").then((all) => { window.reprise = all; })');
  return page;
}

describe('with an adapter', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch({ webgpu: true });
  });
  afterAll(() => browser.close());

  it('makes records that replay on the CPU within the tolerance, and on itself', async () => {
    const page = await open(browser, false);
    const found = await page.evaluate(async () => {
      const { configure, loadModel, replay } = window.reprise;
      await configure({ log: false });
      const device = await loadModel('/stories-260k/', { backend: 'webgpu' });
      const { record } = await device.generate(
        'Once upon a time', { temperature: 0, maxTokens: 40, record: true });
      device.dispose();
      const [onCpu, onItself] = [
        await replay(record!, { model: '/stories-260k/', backend: 'cpu' }),
        await replay(record!, { model: '/stories-260k/' })];
      return { recorded: record!.backend, onCpu, onItself };
    });
    const { recorded, onCpu, onItself } = found;
    expect(recorded).toBe('webgpu');
    expect(onCpu.reasons).toMatchObject([{ kind: 'backend' }]);
    if (onCpu.verdict === 'differs') {
      expect(onCpu.firstDifference).toBeUndefined();
      expect(onCpu.withinTolerance).toBe(true);
      expect(onCpu.drift.max).toBeLessThanOrEqual(1e-3);
    }
    expect(onItself.verdict).toBe('identical');
  }, 60_000);

  it.each([
    { served: 'plainly', isolated: false },
    { served: 'isolated, with threads', isolated: true },
  ])('served $served, writes the CPU\'s 200 tokens, with logits close to its', async ({ isolated }) => {
    const page = await open(browser, isolated);
    const found = await page.evaluate(async () => {
      const { capabilities, configure, loadModel, liveCounts } = window.reprise;
      await configure({ log: false });
      const cpu = await loadModel('/stories-260k/', { backend: 'cpu' });
      const chosen = await loadModel('/stories-260k/', { backend: 'auto' });
      const { backend: chosenBackend, backendReason: chosenReason } = chosen;
      chosen.dispose();
      const device = await loadModel('/stories-260k/', { backend: 'webgpu' });
      const options = { temperature: 0, maxTokens: 200 };
      const expected = await cpu.generate('Once upon a time', options);
      const result = await device.generate('Once upon a time', options);
      const ids = [...expected.promptIds, ...expected.tokens.slice(0, 60)];
      const [wanted, logits, again] = [
        await cpu.forward(ids), await device.forward(ids), await device.forward(ids)];
      let largest = 0;
      let difference = 0;
      wanted.logits.forEach((value, i) => {
        largest = Math.max(largest, Math.abs(value));
        difference = Math.max(difference, Math.abs(value - logits.logits[i]!));
      });
      const during = await liveCounts();
      cpu.dispose();
      device.dispose();
      return {
        webgpu: (await capabilities()).webgpu,
        backend: device.backend,
        chosenBackend,
        chosenReason,
        tokens: [...result.tokens],
        expected: [...expected.tokens],
        error: difference / largest,
        repeats: again.logits.every((value, i) => value === logits.logits[i]),
        during,
        after: await liveCounts(),
      };
    });
    expect(found.webgpu).toMatchObject({ available: true });
    expect(found.backend).toBe('webgpu');
    // This adapter is software, which is not taken unless it is asked for.
    expect(found.chosenBackend).toBe('cpu');
    expect(found.chosenReason).toMatch(/software/);
    expect(found.tokens).toEqual(found.expected);
    expect(found.tokens.slice(0, known.greedy.length)).toEqual(known.greedy);
    expect(found.error).toBeLessThanOrEqual(1e-4);
    expect(found.repeats).toBe(true);
    expect(found.during.gpuBuffers).toBeGreaterThan(0);
    expect(found.after).toEqual({ handles: 0, gpuBuffers: 0 });
    await page.context().close();
  }, 240_000);
});

describe('without an adapter', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  it('says why, takes the CPU where it may and refuses where it may not', async () => {
    const page = await open(browser, false);
    const found = await page.evaluate(async () => {
      const { capabilities, configure, loadModel, RepriseError } = window.reprise;
      await configure({ log: false });
      const { webgpu } = await capabilities();
      const model = await loadModel('/stories-260k/', { backend: 'auto' });
      const { backend, backendReason } = model;
      model.dispose();
      const refused = await loadModel('/stories-260k/', { backend: 'webgpu' }).then(
        () => 'loaded', (error: unknown) => error instanceof RepriseError && error.code);
      return { webgpu, backend, backendReason, refused };
    });
    if (found.webgpu.available) throw new Error('there is an adapter');
    expect(found.webgpu.reason).toMatch(/adapter/);
    expect(found.backend).toBe('cpu');
    expect(found.backendReason).toContain(found.webgpu.reason);
    expect(found.refused).toBe('device_unavailable');
    await page.context().close();
  });
});
