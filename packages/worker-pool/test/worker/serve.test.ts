import { HeddleError, type Outcome, unwrap } from '@heddle/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OUTPUT_LOG, OUTPUT_OUTCOMES, OUTPUT_PROGRESS, OUTPUT_RETIRE, OUTPUT_STRAY } from '../../src/protocol/output.ts';
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

function errorOf(outcome: Outcome): HeddleError {
  if (outcome.ok) throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`);
  return outcome.error;
}

const kinds = (): number[] => host.outputs.map(([kind]) => kind);

describe('a lane runs what it is sent', () => {
  it('R-1 gives back what a synchronous and an asynchronous action return', async () => {
    expect(await host.run(actions.echo, { a: 1 })).toEqual({ ok: true, value: { a: 1 } });
    expect(await host.run(actions.later, { b: 2 })).toEqual({ ok: true, value: { b: 2 } });
  });

  it('in the order it was sent, one at a time', async () => {
    const first = host.task(actions.waits, { at: 'door' });
    const second = host.task(actions.echo);
    host.send(first, second);
    await gate('door').arrived;
    expect(shared().trace).toEqual([]);
    gate('door').open();
    await host.outcome(second);
    expect([...host.outcomes.keys()]).toEqual([first.task, second.task]);
  });

  it('as many at once as it may', async () => {
    host.close();
    host = new ServedHost({ concurrency: 2 });
    const tasks = ['a', 'b', 'c'].map((at) => host.task(actions.waits, { at }));
    host.send(...tasks);
    await Promise.all([gate('a').arrived, gate('b').arrived]);
    gate('b').open();
    await gate('c').arrived;
    for (const name of ['a', 'c']) gate(name).open();
    for (const task of tasks) expect((await host.outcome(task)).ok).toBe(true);
  });

  it('A-4 runs hooks and validation in order, and keeps the directive', async () => {
    expect(await host.run(actions.hooked, { n: '4' })).toEqual({
      ok: true,
      value: { n: 50, trail: ['run', 'after run', 'after output'] },
      directive: 'a directive',
    });
    const tooMuch = await host.run(actions.hooked, { n: 10 });
    expect([errorOf(tooMuch).type, tooMuch.directive]).toEqual(['validation_error', 'a directive']);
    expect(errorOf(await host.run(actions.hooked, { n: 'x' })).type).toBe('validation_error');
  });

  it('A-6 A-5 makes a failure of what is thrown or failed, with everything it carries', async () => {
    const thrown = errorOf(await host.run(actions.throws, { message: 'out of range' }));
    expect(thrown).toMatchObject({ type: 'execution_error', message: 'out of range', cause: { name: 'RangeError', code: 'E_RANGE' } });
    const failed = await host.run(actions.returns, { what: 'failure' });
    expect(errorOf(failed)).toMatchObject({ message: 'no', details: { why: 'because' } });
    expect(failed.directive).toEqual({ kept: 1 });
  });

  it('A-9 gives each attempt its context', async () => {
    const value = unwrap(await host.run(actions.describesItself, {}, { attempt: 3, context: { user: 7 } }));
    expect(value).toMatchObject({ attempt: 3, context: { user: 7 }, unlimited: true });
    expect(value).toMatchObject({ action: { name: 'describesItself', description: 'Tells what it sees.' } });
    expect((value as { taskId: string }).taskId).toMatch(/^served-\d+$/);
    expect(unwrap(await host.run(actions.describesItself))).toMatchObject({ context: {} });
  });

  it('A-5 refuses a generator that a plain function returned', async () => {
    expect(errorOf(await host.run(actions.returnsGenerator)).type).toBe('invalid_action');
  });

  it('says when a task began and that it is done', async () => {
    const task = host.task(actions.waits, { at: 'door' });
    expect([host.claims.state(task.slot), host.claims.startedMs(task.slot)]).toEqual(['sent', 0]);
    host.send(task);
    await gate('door').arrived;
    expect(host.claims.state(task.slot)).toBe('begun');
    expect(host.claims.startedMs(task.slot)).not.toBe(0);
    gate('door').open();
    await host.outcome(task);
    expect(host.claims.state(task.slot)).toBe('done');
  });
});

describe('cleanup', () => {
  it('A-9 runs what was deferred after the run, last in first out', async () => {
    expect(await host.run(actions.defers)).toEqual({ ok: true, value: 'done' });
    expect(shared().trace).toEqual(['run', 'last in, first out', 'second', 'first in, last out']);
  });

  it('C-4 runs all of it when one part fails, and makes that the outcome', async () => {
    expect(errorOf(await host.run(actions.defers, { cleanupFails: true })).message).toBe('the cleanup failed');
    expect(shared().trace.at(-1)).toBe('first in, last out');
  });

  it('C-4 lets an error of the use win over an error of the cleanup', async () => {
    expect(errorOf(await host.run(actions.defers, { fails: true, cleanupFails: true })).message).toBe('the use failed');
  });

  it('A-9 is refused, and progress ignored, once the attempt is over', async () => {
    await host.run(actions.keepsContext);
    expect(errorOf(await host.run(actions.keepsContext)).type).toBe('invalid_input');
    expect(kinds()).not.toContain(OUTPUT_PROGRESS);
  });
});

describe('one order', () => {
  it('A-9 keeps progress, log records, text and the outcome in the order they came', async () => {
    await host.run(actions.reports);
    host.lane.print('stdout', 'after it\n');
    await host.until(() => host.outputs.length === 5);
    const [first, log, second, outcome, text] = host.outputs;
    expect([first?.[3], second?.[3]]).toEqual([{ step: 1 }, { step: 3 }]);
    expect(log).toEqual([OUTPUT_LOG, 0, 1, 'reports', 'info', { step: 2 }, 'between']);
    expect(outcome?.[0]).toBe(OUTPUT_OUTCOMES);
    expect(text?.slice(1)).toEqual(['stdout', 'after it\n']);
  });

  it('posts what is finished before what comes after it', async () => {
    await host.run(actions.echo);
    const tasks = [host.task(actions.echo), host.task(actions.reports)];
    host.send(...tasks);
    await host.until(() => host.outcomes.size === 3);
    expect(kinds()).toEqual([OUTPUT_OUTCOMES, OUTPUT_OUTCOMES, OUTPUT_PROGRESS, OUTPUT_LOG, OUTPUT_PROGRESS, OUTPUT_OUTCOMES]);
  });

  it('R-9 carries errors in log records whole, and never fails a task for a record that does not clone', async () => {
    expect((await host.run(actions.logsErrors)).ok).toBe(true);
    const [whole, told] = host.outputs;
    expect(whole?.[5]).toMatchObject({ err: { heddleError: { message: 'broken', props: { code: { data: 'E_BROKEN' } } } } });
    expect(told?.[5]).toEqual({ fn: '[function]' });
  });

  it('R-9 replaces secrets and cuts long texts before a record leaves the lane', async () => {
    await host.run(actions.logs, { fields: { user: { password: 'hunter2' }, page: 'x'.repeat(3000) }, message: 'm'.repeat(9000) });
    const [, , , , , fields, message] = host.outputs[0] ?? [];
    expect(fields).toMatchObject({ user: { password: '[redacted]' }, page: expect.stringMatching(/^x{2000}… \(1000 more characters\)$/) });
    expect(message).toMatch(/^m{8000}… \(1000 more characters\)$/);
  });

  it('R-9 never fails a task for fields that cannot be read, or whose memory has moved', async () => {
    expect((await host.run(actions.logsHostile)).ok).toBe(true);
    expect(host.outputs.slice(0, 2).map((output) => output[5])).toEqual([
      { reason: 'the fields cannot be read' },
      { unlogged: ['moved'], reason: 'the fields cannot be cloned' },
    ]);
  });

  it('R-8 names the path of progress that does not clone', async () => {
    expect(errorOf(await host.run(actions.badProgress))).toMatchObject({ type: 'uncloneable', details: { path: 'progress.fn' } });
  });
});

describe('errors nobody caught', () => {
  beforeEach(() => {
    shared().uncaught = (thrown) => host.lane.uncaught(thrown);
  });

  it('E-10 end the task whose own timer threw, and have the lane replaced', async () => {
    const error = errorOf(await host.run(actions.strays, { at: 'door' }));
    expect(error).toMatchObject({ type: 'execution_error', details: { uncaught: true }, cause: { message: 'from a timer' } });
    await host.until(() => kinds().includes(OUTPUT_RETIRE));
    gate('door').open();
    expect((await host.run(actions.echo)).ok).toBe(true);
    expect(host.outcomes.size).toBe(2);
  });

  it('E-11 are told against the task that has ended, never against the next', async () => {
    const task = host.task(actions.strays);
    const next = host.task(actions.waits, { at: 'next' });
    host.send(task, next);
    await host.until(() => kinds().includes(OUTPUT_STRAY));
    const stray = host.outputs.find(([kind]) => kind === OUTPUT_STRAY);
    expect(stray).toMatchObject([OUTPUT_STRAY, task.task, 'strays', { message: 'from a timer' }]);
    gate('next').open();
    expect((await host.outcome(next)).ok).toBe(true);
  });

  it('E-11 are told against the lane where nobody can be named, and ask once for its replacement', async () => {
    host.lane.uncaught(null);
    host.lane.uncaught(new HeddleError('internal_error', 'twice'));
    await host.until(() => host.outputs.length === 3);
    expect(kinds()).toEqual([OUTPUT_STRAY, OUTPUT_RETIRE, OUTPUT_STRAY]);
    expect(host.outputs[0]?.slice(1, 3)).toEqual([undefined, undefined]);
  });
});
