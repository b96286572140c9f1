// The demo page as somebody uses it: by its labels and roles, never by its inner names.
import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';

export class DemoPage {
  readonly prompt: Locator;
  readonly generateButton: Locator;
  readonly stopButton: Locator;
  readonly status: Locator;
  readonly failure: Locator;
  /** The continuation, and the line of figures below it. */
  readonly text: Locator;
  readonly figures: Locator;

  constructor(readonly page: Page) {
    this.prompt = page.getByLabel('Prompt', { exact: true });
    this.generateButton = page.getByRole('button', { name: 'Generate' });
    this.stopButton = page.getByRole('button', { name: 'Stop' });
    this.status = page.getByRole('status');
    this.failure = page.getByRole('alert');
    this.text = page.locator('#output-text');
    this.figures = page.locator('#figures');
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  /** Waits until the model is there. */
  async ready(): Promise<void> {
    await this.statusSays(/^The model is ready\.$/);
  }

  async statusSays(words: RegExp): Promise<void> {
    await this.status
      .filter({ hasText: words })
      .waitFor({ timeout: 30_000 })
      .catch(async (error: unknown) => {
        const alert = await this.failure.textContent().catch(() => '');
        const says = await this.status.textContent();
        throw new Error(`status says ${says}, failure says ${alert}: ${String(error)}`);
      });
  }

  async set(values: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, value] of Object.entries(values)) await this.field(label).fill(value);
  }

  /** Generates to the end and gives the continuation. */
  async generate(): Promise<string> {
    await this.generateButton.click();
    await this.statusSays(/^Done: /);
    return (await this.text.textContent()) ?? '';
  }

  /** Name to explanation, of the part about this machine. */
  async machine(): Promise<Record<string, string>> {
    const names = await this.page.locator('#machine dt').allTextContents();
    const texts = await this.page.locator('#machine dd').allTextContents();
    expect(names.length).toBeGreaterThan(0);
    return Object.fromEntries(names.map((name, i) => [name, texts[i] ?? '']));
  }

  /** Waits for an error and gives its heading and all its words. */
  async failureWords(): Promise<{ title: string; words: string }> {
    await this.failure.waitFor({ timeout: 30_000 });
    return {
      title: await this.failure.getByRole('heading').innerText(),
      words: await this.failure.innerText(),
    };
  }

  async loadAddress(address: string): Promise<void> {
    await this.field('A folder on the webHugging Face layout').check();
    await this.field('Address of the folder').fill(address);
    await this.page.getByRole('button', { name: 'Load' }).click();
  }
}
