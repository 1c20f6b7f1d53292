import { defineAction, type HeddleError, type Outcome } from '@heddle/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OUTPUT_RETIRE } from '../../src/protocol/output.ts';
import * as actions from '../fixtures/served.ts';
import { gate, shared } from '../support/gate.ts';
import { ServedHost } from '../support/served-lane.ts';

let host: ServedHost;

beforeEach(() => {
  host = new ServedHost();
  shared().gates.clear();
  shared().trace.length = 0;
});

afterEach(() => host.close());

function errorOf(outcome: Outcome | undefined): HeddleError {
  if (outcome === undefined || outcome.ok) throw new Error('expected a failure');
  return outcome.error;
}

/** Has the action's module loaded and its attempts known to be tiny. */
async function warm(action: Parameters<ServedHost['run']>[0], params: unknown = {}): Promise<void> {
  const before = host.outputs.length;
  for (let count = 0; count < 5; count++) await host.run(action, params);
  host.outputs.splice(before);
}

/** An action of a file that is not what it says. */
const brokenAction = (file: string, name = 'broken') =>
  defineAction({ module: new URL(`../fixtures/broken/${file}`, import.meta.url).href, name, run: () => 1 });

describe('outcomes that wait for a post', () => {
  it('hold what was returned, even when the action changes it later', async () => {
    await warm(actions.reuses);
    const tasks = Array.from({ length: 20 }, () => host.task(actions.reuses));
    host.send(...tasks);
    await host.outcome(tasks[19] as (typeof tasks)[0]);
    const counts = tasks
      .map(({ task }) => host.outcomes.get(task))
      .map((outcome) => (outcome?.ok ? (outcome.value as { count: number }).count : -1));
    expect(counts.map((count) => count - (counts[0] ?? 0))).toEqual(counts.map((_, index) => index));
  });

  it('share a post, at most eight of them', async () => {
    await warm(actions.echo);
    // On a busy machine a run now and then takes too long to count as tiny; then nothing waits for a while.
    for (let round = 0; round < 2000; round++) {
      host.outputs.length = 0;
      const tasks = Array.from({ length: 20 }, () => host.task(actions.echo));
      host.send(...tasks);
      await host.outcome(tasks[19] as (typeof tasks)[0]);
      expect(Math.max(...host.posts)).toBeLessThanOrEqual(8);
      if (host.posts.length === 3) break;
    }
    expect(host.posts).toEqual([8, 8, 4]);
  });

  it('go out before anything begins that is not known to be tiny', async () => {
    await warm(actions.echo);
    const quick = host.task(actions.echo);
    const slow = host.task(actions.stubborn, { at: 'door' });
    host.send(quick, slow);
    expect(await host.outcome(quick)).toEqual({ ok: true, value: {} });
    gate('door').open();
    await host.outcome(slow);
  });

  it('go out when the thread ends', async () => {
    const task = host.task(actions.echo);
    host.send(task);
    await host.outcome(task);
    host.lane.flush();
    expect(host.posts).toEqual([1]);
  });
});

describe('an outcome that does not clone', () => {
  it('R-8 names the path, and leaves its neighbours alone', async () => {
    await warm(actions.echo);
    const tasks = [
      host.task(actions.echo, { n: 1 }),
      host.task(actions.returns, { what: 'function' }),
      host.task(actions.echo, { n: 2 }),
      host.task(actions.returns, { what: 'directive' }),
      host.task(actions.echo, { n: 3 }),
    ];
    host.send(...tasks);
    await host.until(() => host.outcomes.size === 10);
    const [first, second, third, fourth, fifth] = tasks.map(({ task }) => host.outcomes.get(task));
    expect([first, third, fifth]).toEqual([1, 2, 3].map((n) => ({ ok: true, value: { n } })));
    expect(errorOf(second)).toMatchObject({ type: 'uncloneable', details: { path: 'result.deep.inner' } });
    expect(errorOf(fourth)).toMatchObject({ type: 'uncloneable', details: { path: 'directive.next' } });
  });

  it('A-6 is told as such when reading it throws, in the middle of a batch and at its end', async () => {
    await warm(actions.returns, { what: 'plain' });
    await warm(actions.echo);
    const tasks = [
      host.task(actions.returns, { what: 'getter' }),
      host.task(actions.echo),
      host.task(actions.returns, { what: 'proxy' }),
      host.task(actions.returns, { what: 'getter' }),
    ];
    host.send(...tasks);
    const [first, , proxy, last] = await Promise.all(tasks.map((task) => host.outcome(task)));
    for (const each of [first, last]) expect(errorOf(each)).toMatchObject({ type: 'uncloneable', details: { path: 'result.broken' } });
    // A promise is told from a value by reading it.
    expect(errorOf(proxy)).toMatchObject({ type: 'execution_error', message: 'it cannot be read' });
  });
});

describe('a module that does not load', () => {
  it('A-1 fails its tasks with the file, the cause and what it exports, and the lane is replaced', async () => {
    const missing = errorOf(await host.run(brokenAction('not-exported.mjs', 'nowhere')));
    expect(missing).toMatchObject({ type: 'load_error', details: { action: 'nowhere' } });
    expect(missing.message).toMatch(/nowhere is not among the exports of file:.*not-exported\.mjs/);
    await host.until(() => host.outputs.some(([kind]) => kind === OUTPUT_RETIRE));
  });

  it.each(['syntax.mjs', 'throws-null.mjs', 'missing-import.mjs', 'no-such-file.mjs'])('A-6 is a `load_error`: %s', async (file) => {
    const error = errorOf(await host.run(brokenAction(file)));
    expect(error).toMatchObject({ type: 'load_error', retryable: false });
    expect(error.message).toContain(file);
  });

  it('fails every task that waited for it, and no other', async () => {
    const broken = brokenAction('syntax.mjs');
    const tasks = [host.task(broken), host.task(actions.echo), host.task(broken)];
    host.send(...tasks);
    await host.until(() => host.outcomes.size === 3);
    expect(tasks.map(({ task }) => host.outcomes.get(task)?.ok)).toEqual([false, true, false]);
  });

  it('asks for one replacement, however many fail', async () => {
    await host.run(brokenAction('syntax.mjs'));
    await host.run(brokenAction('throws-null.mjs'));
    expect(host.outputs.filter(([kind]) => kind === OUTPUT_RETIRE).length).toBe(1);
  });

  it('a task of an action that was never introduced is an internal error, not a hang', async () => {
    const task = { ...host.task(actions.echo), action: 99 };
    host.send(task);
    expect(errorOf(await host.outcome(task)).type).toBe('internal_error');
  });
});

describe('what the host takes back', () => {
  it('E-7 is skipped, and its neighbours run', async () => {
    const blocker = host.task(actions.waits, { at: 'door' });
    const [taken, kept] = [host.task(actions.echo, { n: 1 }), host.task(actions.echo, { n: 2 })];
    host.send(blocker, taken, kept);
    await gate('door').arrived;
    expect(host.claims.recall(taken.slot)).toBe(true);
    expect(host.claims.recall(blocker.slot)).toBe(false);
    gate('door').open();
    expect(await host.outcome(kept)).toEqual({ ok: true, value: { n: 2 } });
    expect(shared().trace).toEqual(['echo']);
    expect(host.outcomes.has(taken.task)).toBe(false);
  });

  it('posts what is finished though everything behind it was taken back', async () => {
    await warm(actions.echo);
    const blocker = host.task(actions.waits, { at: 'door' });
    const tasks = Array.from({ length: 4 }, () => host.task(actions.echo));
    host.send(blocker, ...tasks);
    await gate('door').arrived;
    for (const { slot } of tasks.slice(1)) host.claims.recall(slot);
    gate('door').open();
    expect((await host.outcome(tasks[0] as (typeof tasks)[0])).ok).toBe(true);
  });
});

describe('a cancel', () => {
  it('E-7 aborts the signal with the error that says why', async () => {
    const task = host.task(actions.waits, { at: 'never' });
    host.send(task);
    await gate('never').arrived;
    host.cancel(task, 'enough');
    expect(errorOf(await host.outcome(task))).toMatchObject({ type: 'cancelled', message: 'enough' });
  });

  it('E-7 is seen by `throwIfCancelled` before its message is', async () => {
    const task = host.task(actions.checks, { at: 'door' });
    host.send(task);
    await gate('door').arrived;
    host.claims.cancel(task.slot);
    gate('door').open();
    expect(errorOf(await host.outcome(task)).type).toBe('cancelled');
  });

  it('E-7 is heeded when it comes while the module is loading', async () => {
    const slow = defineAction({ module: new URL('../fixtures/slow-load.mjs', import.meta.url).href, name: 'slowToLoad', run: () => 1 });
    host.close();
    host = new ServedHost({ concurrency: 2 });
    gate('loading');
    const task = host.task(slow);
    host.send(task);
    await gate('loading').arrived;
    host.cancel(task, 'before it had loaded');
    // Its outcome tells that what was sent before it has been read.
    await host.run(actions.later);
    gate('loading').open();
    expect(errorOf(await host.outcome(task))).toMatchObject({ type: 'cancelled', message: 'before it had loaded' });
    expect((await host.run(slow)).ok).toBe(true);
    expect(shared().trace).toEqual(['ran']);
  });

  it('E-7 of a task that is gone does not touch the next one in its slot', async () => {
    const task = host.task(actions.waits, { at: 'door' });
    host.send(task);
    await gate('door').arrived;
    host.cancelStale(task);
    gate('door').open();
    expect(await host.outcome(task)).toEqual({ ok: true, value: 'door' });
  });

  it('E-7 leaves an action that does not look alone; its outcome still comes', async () => {
    const task = host.task(actions.stubborn, { at: 'door' });
    host.send(task);
    await gate('door').arrived;
    host.cancel(task);
    gate('door').open();
    expect(await host.outcome(task)).toEqual({ ok: true, value: 'door' });
  });
});
