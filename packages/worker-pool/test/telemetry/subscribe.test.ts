import { once } from 'node:events';
import { ok } from '@heddle/core';
import { afterEach, describe, expect, it } from 'vitest';
import { isTraced } from '../../src/telemetry/channel.ts';
import { subscribeTelemetry, type TelemetryListeners, type TelemetrySubscription } from '../../src/telemetry/subscribe.ts';
import { simAction, simRuntime } from '../support/sim-runtime.ts';

const action = simAction('listened');
const open: TelemetrySubscription[] = [];
const subscribe = (listeners: TelemetryListeners): TelemetrySubscription => {
  const stop = subscribeTelemetry(listeners);
  open.push(stop);
  return stop;
};

afterEach(() => {
  for (const stop of open.splice(0)) stop();
});

async function runOne(): Promise<string> {
  const sim = simRuntime();
  const ref = sim.runtime.start(action, {});
  await sim.openThreads();
  await sim.work();
  expect(await ref.outcome()).toEqual(ok('done'));
  return ref.id;
}

describe('subscribeTelemetry', () => {
  it('R-9 tells of a task and its attempt, in order, with the objects of the channels', async () => {
    const told: string[] = [];
    const tasks = new Set<unknown>();
    const note = (event: string) => (task: unknown) => {
      told.push(event);
      tasks.add(task);
    };
    const [attemptStart, attemptEnd] = [note('attemptStart'), note('attemptEnd')];
    subscribe({
      taskStart: note('taskStart'),
      attemptStart: ({ task }) => attemptStart(task),
      attemptEnd: ({ task }) => attemptEnd(task),
      taskEnd: note('taskEnd'),
    });
    await runOne();
    expect(told).toEqual(['taskStart', 'attemptStart', 'attemptEnd', 'taskEnd']);
    expect(tasks.size).toBe(1);
  });

  it('R-9 tells nothing once it was ended, by call or by disposal', async () => {
    const told: string[] = [];
    const byCall = subscribe({ taskEnd: () => void told.push('call') });
    const byDisposal = subscribe({ taskEnd: () => void told.push('disposal') });
    await runOne();
    byCall();
    byCall();
    byDisposal[Symbol.dispose]();
    await runOne();
    expect(told).toEqual(['call', 'disposal']);
    expect(isTraced()).toBe(false);
  });

  it('R-9 tells of no task that was started before it', async () => {
    const early: string[] = [];
    const late: string[] = [];
    subscribe({ taskEnd: ({ taskId }) => void early.push(taskId) });
    const sim = simRuntime();
    const before = sim.runtime.start(action, {});
    subscribe({ taskEnd: ({ taskId }) => void late.push(taskId), attemptEnd: ({ taskId }) => void late.push(taskId) });
    await sim.openThreads();
    await sim.work();
    expect({ early, late }).toEqual({ early: [before.id], late: [] });
  });

  it('R-9 keeps what a listener throws or rejects with to itself, and warns of the first', async () => {
    const warned = once(process, 'warning');
    const fails = (): never => {
      throw new Error('no metrics today');
    };
    const ended: string[] = [];
    subscribe({ taskStart: fails, attemptStart: fails, attemptEnd: async () => Promise.reject(new Error('later')), taskEnd: fails });
    subscribe({ taskEnd: ({ taskId }) => void ended.push(taskId) });
    expect([await runOne(), await runOne()]).toEqual(ended);
    expect(await warned).toMatchObject([{ name: 'HeddleWarning', message: 'The telemetry listener `taskStart` threw: no metrics today' }]);
  });

  it('R-9 does not trace tasks for whoever listens to events alone', () => {
    subscribe({ event: () => {} });
    expect(isTraced()).toBe(false);
  });

  it('R-8 refuses listeners that are none, naming every one', () => {
    expect(() => subscribeTelemetry({ taskStart: 1, onEnd: () => {} } as never)).toThrow(
      'Invalid telemetry listeners: `taskStart` must be a function; got a number; `onEnd` is not a listener: they are taskStart, taskEnd, attemptStart, attemptEnd, step, event',
    );
    expect(() => subscribeTelemetry(undefined as never)).toThrow('expected an object, got undefined');
  });
});
