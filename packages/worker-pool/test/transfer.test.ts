import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import * as actions from './fixtures/served.ts';
import { settle } from './support/fake-clock.ts';
import { localRuntime } from './support/local-pool.ts';
import { errorNow, simAction, simRuntime } from './support/sim-runtime.ts';

const action = simAction();

describe('what is transferred', () => {
  it('R-3 is moved, not copied', async () => {
    const { runtime } = localRuntime();
    const bytes = new Uint8Array([1, 2, 3]);
    const outcome = await runtime.run(actions.echo, { bytes }, {}, { transfer: [bytes.buffer] });
    expect(outcome).toEqual({ ok: true, value: { bytes: new Uint8Array([1, 2, 3]) } });
    expect(bytes.byteLength).toBe(0);
  });

  it('R-3 is moved for each task of a batch, where several may run at once', async () => {
    const sim = simRuntime({ threads: { concurrency: 4 } });
    const buffers = [new ArrayBuffer(8), new ArrayBuffer(16)];
    const { port1, port2 } = new MessageChannel();
    sim.runtime.start(action, { plain: true });
    for (const buffer of buffers) sim.runtime.start(action, { buffer }, {}, { transfer: [buffer] });
    const withPort = sim.runtime.start(action, { port: port2 }, {}, { transfer: [port2] });
    const thread = await sim.openThreads();
    expect([buffers.map(({ byteLength }) => byteLength), thread.inbox.length, withPort.status]).toEqual([[0, 0], 4, 'queued']);
    await sim.work();
    port1.close();
  });

  it('R-3 is still moved when a neighbour in the same message does not clone', async () => {
    const sim = simRuntime({ threads: { concurrency: 4 } });
    const buffer = new ArrayBuffer(8);
    const bad = sim.runtime.start(action, { fn: () => {} });
    sim.runtime.start(action, { buffer }, {}, { transfer: [buffer] });
    await sim.openThreads();
    expect((await errorNow(bad)).type).toBe('uncloneable');
    expect([buffer.byteLength, await sim.work()]).toEqual([0, 1]);
  });

  it('R-3 is never sent ahead: it waits at the host for a lane that can begin it', async () => {
    const sim = simRuntime();
    const buffer = new ArrayBuffer(8);
    await sim.openThreads();
    sim.runtime.start(action, {});
    const ref = sim.runtime.start(action, { buffer }, {}, { transfer: [buffer] });
    await settle();
    expect([buffer.byteLength, ref.threadId]).toEqual([8, undefined]);
    // Cancelled there, it was never given away.
    await ref.cancel();
    expect(buffer.byteLength).toBe(8);
    await sim.work();
  });

  it('E-7 is taken back like any other while it has not begun, even from a thread that does not listen', async () => {
    const sim = simRuntime();
    const thread = await sim.openThreads();
    const buffer = new ArrayBuffer(8);
    const ref = sim.runtime.start(action, { buffer }, {}, { transfer: [buffer] });
    await settle();
    expect(buffer.byteLength).toBe(0);
    await sim.runtime.cancel(ref);
    expect((await errorNow(ref)).details['forced']).toBeUndefined();
    expect([thread.begin(sim.clock.now()), sim.runtime.stats().running]).toEqual([undefined, 0]);
  });

  it('R-3 that cannot be moved fails its task alone', async () => {
    const sim = simRuntime();
    const [bad, good] = [sim.runtime.start(action, {}, {}, { transfer: [{} as never] }), sim.runtime.start(action, {})];
    await sim.openThreads();
    expect((await errorNow(bad)).type).toBe('uncloneable');
    expect(await sim.work()).toBe(1);
    expect(good.status).toBe('settled');
  });
});
