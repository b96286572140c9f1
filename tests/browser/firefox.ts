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

/** The tab that the browser starts with, which every page is opened in. In a tab that WebDriver BiDi has
 * opened, one page of about fifty never asked for the script of a thread's worker; seen in 20 of 1,090
 * new tabs, in one of about 110 pages in the
 * first one, and in none of 650 without BiDi; the first page of a browser has not been seen to hang. */
export async function firstTab(browser: Browser): Promise<Page> {
  const [page] = await browser.pages();
  if (page === undefined) throw new Error('Firefox started without a tab');
  return page;
}

/** A page, and everything that it complains about on its console. */
export interface Visit {
  readonly page: Page;
  readonly complaints: string[];
}

export async function visit(browser: Browser, url: string): Promise<Visit> {
  const page = await firstTab(browser);
  page.removeAllListeners('console');
  page.removeAllListeners('pageerror');
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints };
}
