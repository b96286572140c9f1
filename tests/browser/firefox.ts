// Debian's Firefox, headless, over WebDriver BiDi. A missing browser fails the tests that ask for it.
import puppeteer, { type Browser, type Page } from 'puppeteer-core';

export function launch(): Promise<Browser> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.REPRISE_FIREFOX ?? '/usr/bin/firefox-esr',
    // How long one call into the page may take, in milliseconds; the tests have their own limits.
    protocolTimeout: 300_000,
  });
}

/** A fresh page, and everything that it complains about on its console. */
export interface Visit {
  readonly page: Page;
  readonly complaints: string[];
}

export async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints };
}
