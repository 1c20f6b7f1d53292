import { setImmediate as turn } from 'node:timers/promises';
import { setEnvironmentData, Worker } from 'node:worker_threads';
import { defineAction } from '@heddle/core';
import { createRuntime } from '@heddle/worker-pool';
import { expect, it } from 'vitest';
import { quietLogger } from './support/quiet.ts';

const TURNS = 200;

it('E-12 a thread is not ended in the midst of what it loads: Node 20 would abort the whole process', async () => {
  const words = new Int32Array(new SharedArrayBuffer(12));
  // The file itself would wait here.
  const action = defineAction({
    module: new URL('./fixtures/held-load.mjs', import.meta.url).href,
    name: 'heldLoad',
    run: () => undefined,
  });
  const { terminate } = Worker.prototype;
  /** Whether the load had finished, at each end of a thread. */
  const ends: boolean[] = [];
  Worker.prototype.terminate = function () {
    ends.push(Atomics.load(words, 2) === 1);
    return Reflect.apply(terminate, this, []);
  };
  setEnvironmentData('heldLoad', words.buffer as never); // shared memory crosses as it is
  try {
    const runtime = createRuntime({ threads: { max: 1 }, graceMs: 0, logger: quietLogger });
    const outcome = runtime.run(action, {}, {}, { maxRetries: 0 });
    await expect.poll(() => Atomics.load(words, 0), { timeout: 20_000 }).toBe(1);
    const closed = runtime.close({ graceMs: 0 });
    for (let turns = 0; turns < TURNS && ends.length === 0; turns++) await turn();
    Atomics.store(words, 1, 1);
    Atomics.notify(words, 1);
    await closed;
    expect(ends).not.toContain(false);
    expect(ends.length).toBeGreaterThan(0);
    expect((await outcome).ok).toBe(false);
  } finally {
    setEnvironmentData('heldLoad', undefined as never);
    Worker.prototype.terminate = terminate;
  }
});
