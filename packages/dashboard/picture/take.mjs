// `npm run picture`: takes the picture in docs/dashboard.md, in the browser that the tests use. Build first.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createDashboard } from '@heddle/dashboard';
import { createRuntime } from '@heddle/worker-pool';
import { chromium } from 'playwright-core';
import { fetchPage, resize, signUp, train } from './actions.mjs';

const SECONDS = 45;

// The same numbers each time.
let seed = 7;
const random = () => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};

const runtime = createRuntime({ name: 'shop', threads: { min: 4, max: 4 }, logger: quiet() });
const dashboard = createDashboard(runtime);
const { url } = await dashboard.listen({ port: 0 });
const browser = await chromium.launch({
  executablePath: process.env['HEDDLE_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 1060 }, colorScheme: 'light' });
await page.goto(url);

void runtime.run(train, {});
for (const tag of ['web', 'mail']) runtime.coroutine(signUp, {}, {}, { tag, onStep: () => {} });
for (let at = 0; at < SECONDS * 10; at++) {
  if (random() < 0.85) void runtime.run(resize, { ms: 20 + random() * 260 });
  if (random() < 0.4) void runtime.run(fetchPage, { ms: 60 + random() * 300, fails: random() < 0.12 ? 1 + Math.round(random()) : 0 });
  if (random() < 0.02) void runtime.run(fetchPage, { ms: 900, fails: 0 }, {}, { timeoutMs: 400, maxRetries: 0 });
  await sleep(100);
}
await page.screenshot({ path: fileURLToPath(new URL('../../../docs/dashboard.png', import.meta.url)) });
await browser.close();
await dashboard.close();
await runtime.close({ graceMs: 0 });

function quiet() {
  const write = () => {};
  return { level: 'silent', trace: write, debug: write, info: write, warn: write, error: write, fatal: write };
}
