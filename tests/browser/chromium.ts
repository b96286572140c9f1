// Debian's Chromium, headless. A missing browser fails the tests that ask for it.
import { chromium, type Browser, type Page } from 'playwright-core';

/** Starts the browser; with `webgpu` it has SwiftShader's adapter, otherwise none. */
export function launch({ webgpu = false } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.REPRISE_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--disable-background-networking',
      '--disable-component-update',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...(webgpu ? ['--enable-unsafe-webgpu'] : []),
    ],
  });
}

/** A fresh page, and everything that it complains about on its console. */
export interface Visit {
  readonly page: Page;
  readonly complaints: string[];
}

export async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('worker', (worker) => {
    worker.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`worker: ${message.text()}`);
    });
  });
  await page.goto(url);
  return { page, complaints };
}
