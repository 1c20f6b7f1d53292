import { ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { serviceCaller } from '../../src/service/caller.ts';
import { Desk } from '../support/desk.ts';
import { settle } from '../support/fake-clock.ts';
import { applyMessage, forge } from '../support/forge.ts';
import type { SimThread } from '../support/sim-pool.ts';
import { simAction, simRuntime } from '../support/sim-runtime.ts';

const GONE = [1, expect.objectContaining({ type: 'cancelled' })];

function callOf(thread: SimThread, slot: number, generation: number, method: string, ...args: readonly unknown[]): Promise<unknown> {
  const { servicePort } = thread;
  if (servicePort === undefined) throw new Error('there is no service channel');
  return forge(servicePort, applyMessage('it', [slot, generation, 'desk', method, args])).then(({ it: answer }) => answer);
}

describe('a lane answers calls of services', () => {
  it('A-9 of a task from when it has begun until it has left, and of nobody else', async () => {
    const desk = new Desk(serviceCaller);
    const sim = simRuntime({ services: { desk } });
    const ref = sim.runtime.start(simAction(), {});
    const thread = await sim.openThreads();
    const [{ slot = -1, generation = -1 } = {}] = thread.inbox;
    expect(await callOf(thread, slot, generation, 'asks')).toEqual(GONE);
    const task = sim.begin();
    expect(await callOf(thread, slot, generation, 'asks')).toEqual([0, { taskId: ref.id, action: 'simulated' }]);
    const [caller] = desk.callers;
    // Finished there, and not yet known here: the attempt is not over.
    thread.finish(task, ok('done'));
    expect([await callOf(thread, slot, generation, 'add', 1, 2), caller?.signal.aborted]).toEqual([[0, 3], false]);
    await sim.deliverAll();
    expect([ref.status, caller?.signal.aborted]).toEqual(['settled', true]);
    expect(await callOf(thread, slot, generation, 'asks')).toEqual(GONE);
    expect(desk.callers).toHaveLength(1);
  });

  it('E-8 and closes its end of the channel when its thread has ended', async () => {
    const sim = simRuntime({ services: { desk: new Desk(serviceCaller) } });
    const thread = await sim.openThreads();
    let closed = false;
    thread.servicePort?.once('close', () => {
      closed = true;
    });
    await sim.end(thread);
    await settle();
    expect(closed).toBe(true);
  });

  it('A-9 and asks for no channel where there are no services', async () => {
    const sim = simRuntime();
    expect((await sim.openThreads()).servicePort).toBeUndefined();
  });
});
