import type { MessagePort } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { fills, misuses, movesInSteps, opens, passesBack } from './fixtures/moves.ts';
import { openRuntime } from './support/threads.ts';

describe('A-9 a result that is moved', () => {
  it('arrives whole, and is gone from the thread; what is not moved is copied', async () => {
    const { runtime } = openRuntime();
    const first = await runtime.run(fills, { bytes: 64, value: 7 });
    expect(first).toMatchObject({ ok: true, value: { view: new Uint8Array(64).fill(7), left: [64] } });
    const second = await runtime.run(fills, { bytes: 8, value: 1, moves: false });
    expect(second).toMatchObject({ ok: true, value: { view: new Uint8Array(8).fill(1), left: [0, 8] } });
    expect(await runtime.run(fills, { bytes: 4, value: 2 })).toMatchObject({ value: { left: [0, 8, 4] } });
  });

  it('may be what was moved there', async () => {
    const { runtime } = openRuntime();
    const buffer = new Uint8Array([1, 2, 3]).buffer;
    const outcome = await runtime.run(passesBack, { buffer }, {}, { transfer: [buffer] });
    expect(outcome.ok && new Uint8Array(outcome.value)).toEqual(new Uint8Array([1, 2, 3]));
    expect(buffer.byteLength).toBe(0);
  });

  it('may be a port', async () => {
    const { runtime } = openRuntime();
    const outcome = await runtime.run(opens);
    if (!outcome.ok) throw outcome.error;
    const port = outcome.value.port as unknown as MessagePort; // what arrives is Node's own
    const answer = new Promise((resolve) => port.once('message', resolve));
    port.postMessage(21);
    expect(await answer).toBe(42);
    port.close();
  });

  it('is moved for each item of a map, too', async () => {
    const { runtime } = openRuntime({ threads: { min: 2, max: 2 } });
    const items = Array.from({ length: 300 }, (_, index) => ({ bytes: index + 1, value: index % 256 }));
    let seen = 0;
    for await (const { index, outcome } of runtime.map(fills, items)) {
      if (!outcome.ok) throw outcome.error;
      const { view, left } = outcome.value;
      expect([view.length, view[0]]).toEqual([index + 1, index % 256]);
      // Nothing of those before it has stayed.
      expect(left.slice(0, -1).every((bytes) => bytes === 0)).toBe(true);
      seen++;
    }
    expect(seen).toBe(300);
  });

  it.each([
    ['number', 'invalid_input', '`ctx.transfer` takes objects that can be moved; argument 1 is a number'],
    ['shared', 'invalid_input', 'argument 1 is shared memory, which is never copied and need not be moved'],
    ['plain', 'uncloneable', 'misuses'],
    ['detached', 'invalid_input', 'argument 1 is an ArrayBuffer that has been moved away already'],
    ['uncloneable', 'uncloneable', '`result.wrong`'],
    ['fails', 'execution_error', 'after all'],
  ])('E-8 of something else is an error, and the lane goes on: %s', async (how, type, message) => {
    const { runtime } = openRuntime();
    expect(await runtime.run(misuses, { how })).toMatchObject({ ok: false, error: { type, message: expect.stringContaining(message) } });
    expect(await runtime.run(fills, { bytes: 1, value: 1 })).toMatchObject({ ok: true });
    expect(runtime.stats()).toMatchObject({ lanesLost: 0, running: 0 });
  });

  it('is not for coroutines', async () => {
    const { runtime } = openRuntime();
    const coroutine = runtime.coroutine(movesInSteps, {});
    await coroutine.next();
    const step = await coroutine.next();
    expect(step.kind === 'thrown' && (step.error as { payload: unknown }).payload).toMatchObject({
      type: 'invalid_input',
      message: expect.stringContaining('not for coroutines'),
    });
  });
});
