import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';

/** Chromium asks nobody for anything, and shows nothing. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const executablePath = process.env['HEDDLE_CHROMIUM'] ?? '/usr/bin/chromium';
/** `required` where a missing browser is a failure; `off` where these tests have run elsewhere. */
const wanted = process.env['HEDDLE_BROWSER'];
const isThere = existsSync(executablePath);
const skipped = wanted === 'off' || (!isThere && wanted !== 'required');

/** A browser for the tests of a file. */
export interface Browsing {
  /** A page in a profile of its own; whatever goes wrong in it fails the test. */
  open(url: string, options?: BrowserContextOptions): Promise<Page>;
}

/** Tests in a real browser. */
export function describeBrowser(name: string, tests: (browsing: Browsing) => void): void {
  if (skipped && wanted !== 'off')
    console.warn(
      `Not run, for there is no ${executablePath}: ${name}. Install Chromium (apt-get install chromium), or name it by HEDDLE_CHROMIUM.`,
    );
  describe.skipIf(skipped)(name, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      // Its profile is a new and empty folder.
      browser = await chromium.launch({ executablePath, args: FLAGS });
    }, 60_000);
    afterAll(async () => {
      await browser?.close();
    });
    tests({
      async open(url, options = {}) {
        if (browser === undefined) throw new Error('the browser has not started');
        const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
        const faults: string[] = [];
        const page = await context.newPage();
        page.setDefaultTimeout(20_000);
        page.on('console', (message) => {
          if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
        });
        page.on('pageerror', (error) => faults.push(String(error)));
        onTestFinished(async () => {
          await context.close();
          expect(faults.filter((fault) => !expected(fault))).toEqual([]);
        });
        await page.goto(url);
        return page;
      },
    });
  });
}

/** Browsers write a failed request to the console by themselves; those of a server that is away, and refusals, are shown on the page. */
function expected(fault: string): boolean {
  return /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/.test(fault);
}
