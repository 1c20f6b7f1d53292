/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { createDashboard } from '../src/index.ts';
import { add, asks, crashes, flaky, marks, tiny, waits } from './fixtures/actions.ts';
import { describeBrowser } from './support/browser.ts';
import { openDashboard } from './support/dashboard.ts';

const NO_LIMIT = { timeoutMs: 600_000 };

/** The row of a task in the table. */
const rowOf = (page: Page, id: string): ReturnType<Page['locator']> => page.locator(`#tasks tr[data-task="${id}"]`);

/** A task in the table, in this state. */
const inState = (page: Page, id: string, state: string): Promise<void> => rowOf(page, id).locator(`.badge.${state}`).waitFor();

/** What is wider than the page. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describeBrowser('the page in a browser', ({ open }) => {
  test('R-15 says that nothing has run yet, then tasks appear, and one is cancelled by its button', async () => {
    const { runtime, url } = await openDashboard();
    const page = await open(url);
    await page.getByText('No task has been started').waitFor();
    await page.getByText('No lane is open').waitFor();
    const ref = runtime.start(waits, {}, {}, { ...NO_LIMIT, tag: 'long' });
    const queued = runtime.start(add, { a: 1 });
    await inState(page, ref.id, 'running');
    await inState(page, queued.id, 'queued');
    await page
      .locator('#lanes')
      .getByText(/waits #0 for/)
      .waitFor();
    await page.getByRole('button', { name: 'Cancel waits #0' }).click();
    await page.getByText('waits #0 was asked to end').waitFor();
    await inState(page, ref.id, 'cancelled');
    await inState(page, queued.id, 'ok');
    expect(await ref.outcome()).toMatchObject({ error: { type: 'cancelled' } });
    expect(await queued.outcome()).toMatchObject({ value: 11 });
  });

  test('R-15 a coroutine is answered by the form of its schema, on the page of its task', async () => {
    const { runtime, url } = await openDashboard();
    const coroutine = runtime.coroutine(asks, {}, {}, { onStep: () => {} });
    const page = await open(url);
    await rowOf(page, coroutine.id).getByRole('link').click();
    await page.locator('form.answer').getByText('Who are you?').waitFor();
    await page.getByLabel('Your name').fill('Ada');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.locator('form.answer').getByText('And who is with you, Ada?').waitFor();
    await page.getByLabel('Your name').fill('Eve');
    await page.keyboard.press('Enter');
    await page.locator('[data-section=value]').getByText('Ada and Eve').waitFor();
    expect(await coroutine.outcome()).toMatchObject({ value: 'Ada and Eve' });
    await page.getByRole('link', { name: '← Overview' }).click();
    await inState(page, coroutine.id, 'ok');
  });

  test('R-15 a lane that is lost, and one that is ended by its button, are told of and come back', async () => {
    const { runtime, url } = await openDashboard();
    const page = await open(url);
    await runtime.run(crashes, {});
    await page.locator('#events').getByText('laneLost').waitFor();
    await page.locator('#failures').getByText('worker_lost').waitFor();
    const ref = runtime.start(waits, {}, {}, { ...NO_LIMIT, maxRetries: 0 });
    await page
      .locator('#lanes')
      .getByText(/waits #1 for/)
      .waitFor();
    await page.getByRole('button', { name: 'End lane 0' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: 'End lane 0' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
    expect(await ref.outcome()).toMatchObject({ error: { type: 'worker_lost' } });
    await inState(page, ref.id, 'error');
    const again = runtime.start(waits, {}, {}, NO_LIMIT);
    await page
      .locator('#lanes')
      .getByText(/waits #2 for/)
      .waitFor();
    expect(await page.locator('#lanes > li').count()).toBe(1);
    await again.cancel();
  });

  test('R-15 ten thousand tasks a second do not freeze it: clicks are answered while they run', async () => {
    const { runtime, url } = await openDashboard({}, { threads: { min: 1, max: 2 } });
    const page = await open(url);
    const beganMs = performance.now();
    let started = 0;
    // As many as should have been started by now: a busy machine that comes late starts them all the same.
    const timer = setInterval(() => {
      for (const due = (performance.now() - beganMs) * 10; started < due; started++) void runtime.run(tiny, { n: started });
    }, 5);
    onTestFinished(() => clearInterval(timer));
    const shown = async (): Promise<number> => runtime.stats().completed;
    for (const [filter, more] of [
      ['open', 10_000],
      ['failed', 20_000],
      ['ended', 30_000],
    ] as const) {
      await expect.poll(shown).toBeGreaterThan(more);
      await page.getByRole('button', { name: filter, exact: true }).click();
      await page.locator(`#task-filters button[aria-pressed=true]:text-is("${filter}")`).waitFor();
      await page.getByRole('button', { name: /^Colours/ }).click();
      await page.locator(`html[data-theme="${{ open: 'light', failed: 'dark', ended: 'auto' }[filter]}"]`).waitFor();
    }
    await page.locator('#tasks a').first().click();
    await page.getByRole('heading', { name: /^tiny #/ }).waitFor();
    await page.goBack();
    await page
      .locator('#tile-rate-more')
      .getByText(/\d k in all/)
      .waitFor();
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(8000);
    clearInterval(timer);
    await expect.poll(() => runtime.stats().completed).toBe(started);
    await page.locator('#status[data-state=live]').waitFor();
  });

  test('R-15 text is text, whatever stands in it', async () => {
    const { runtime, url } = await openDashboard();
    const tag = '<img src=x onerror="document.title=2">';
    const ref = runtime.start(marks, { note: '<script>document.title=3</script>' } as never, {}, { tag });
    await ref.outcome();
    const page = await open(url);
    await rowOf(page, ref.id).getByText(tag, { exact: true }).waitFor();
    await page.locator('#failures').getByText('<img src=x').waitFor();
    await rowOf(page, ref.id).getByRole('link').click();
    await page.locator('[data-section=params]').getByText('<script>').waitFor();
    await page.locator('[data-section=error]').getByText('<img src=x').waitFor();
    expect(await page.evaluate(() => [document.title, document.querySelectorAll('main img, main script').length])).toEqual([
      'looked-at · Heddle',
      0,
    ]);
  });

  test.each([
    ['light', 1280],
    ['light', 360],
    ['dark', 1280],
    ['dark', 360],
  ] as const)('R-15 nothing is wider than the page, in %s colours and %i pixels', async (colorScheme, width) => {
    const { runtime, url } = await openDashboard({ start: true });
    await runtime.register(add);
    const long = 'a-tag-that-does-not-end-and-has-no-place-where-it-could-be-broken'.repeat(3);
    const failed = runtime.start(flaky, { succeedsAt: 9, long } as never, {}, { tag: long });
    await failed.outcome();
    const coroutine = runtime.coroutine(asks, {}, {}, { onStep: () => {} });
    const page = await open(url, { colorScheme, viewport: { width, height: 800 } });
    await inState(page, coroutine.id, 'suspended');
    await page.locator('#chart-latency canvas').waitFor();
    expect(await overflow(page)).toBe(0);
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(ground).toBe({ light: 'rgb(246, 247, 249)', dark: 'rgb(18, 21, 26)' }[colorScheme]);
    await page.getByRole('button', { name: 'Start add' }).click();
    await page.getByRole('dialog').getByLabel('a', { exact: true }).waitFor();
    expect(await overflow(page)).toBe(0);
    await page.keyboard.press('Escape');
    for (const id of [failed.id, coroutine.id]) {
      await rowOf(page, id).getByRole('link').click();
      await page.getByRole('heading', { level: 1 }).filter({ hasText: '#' }).waitFor();
      expect(await overflow(page)).toBe(0);
      await page.getByRole('link', { name: '← Overview' }).click();
    }
  });

  test('R-15 an action is started by the form of its schema, by keyboard alone', async () => {
    const { runtime, url } = await openDashboard({ start: true });
    await runtime.register(add);
    const page = await open(url);
    await page.getByRole('button', { name: 'Start add' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('Adds two numbers.').waitFor();
    await page.getByLabel('a', { exact: true }).focus();
    await page.keyboard.type('32');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^add #/ }).waitFor();
    await page.locator('[data-section=value]').getByText('42').waitFor();
  });

  test('R-15 a read-only page shows, and has nothing to do anything by', async () => {
    const { runtime, url } = await openDashboard({ readOnly: true });
    const ref = runtime.start(waits, {}, {}, NO_LIMIT);
    const page = await open(url);
    await page.getByText('read-only').waitFor();
    await inState(page, ref.id, 'running');
    expect(await page.getByRole('button', { name: /Cancel|End lane|Start/ }).count()).toBe(0);
    await rowOf(page, ref.id).getByRole('link').click();
    await page.getByRole('heading', { name: 'waits #0' }).waitFor();
    expect(await page.getByRole('button', { name: /Cancel/ }).count()).toBe(0);
  });

  test('R-15 it says when the connection is lost, and comes back by itself; a token is asked for once', async () => {
    const { runtime, dashboard, url } = await openDashboard({ token: 'a-token-of-some-length' });
    const page = await open(url);
    await page.locator('#status[data-state=live]').waitFor();
    expect(page.url()).not.toContain('token');
    await dashboard.close();
    await page.locator('#status:not([data-state=live])').waitFor();
    const next = createDashboard(runtime, { token: 'a-token-of-some-length' });
    onTestFinished(() => next.close());
    await next.listen({ port: Number(new URL(url).port) });
    await page.locator('#status[data-state=live]').waitFor();
    await page.reload();
    await page.locator('#status[data-state=live]').waitFor();
  });
});
