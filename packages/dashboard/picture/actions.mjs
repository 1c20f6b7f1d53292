// What runs on the picture of the dashboard.
import { setTimeout as sleep } from 'node:timers/promises';
import { defineAction, Type } from '@heddle/core';

const module = import.meta.url;

export const resize = defineAction({
  module,
  name: 'resize',
  run({ ms }) {
    const end = performance.now() + ms;
    while (performance.now() < end);
    return { bytes: 48_213 };
  },
});

export const fetchPage = defineAction({
  module,
  name: 'fetchPage',
  defaults: { maxRetries: 1, backoffMs: 300 },
  async run({ ms, fails }, ctx) {
    await sleep(ms);
    if (fails >= ctx.attempt) throw new Error('connect ECONNREFUSED');
    return { status: 200 };
  },
});

export const train = defineAction({
  module,
  name: 'train',
  defaults: { timeoutMs: 600_000 },
  async run(_params, ctx) {
    await sleep(600_000, undefined, { signal: ctx.signal });
  },
});

export const signUp = defineAction({
  module,
  name: 'signUp',
  resumeSchema: Type.Object({ name: Type.String() }),
  *run() {
    yield 'Who are you?';
    yield 'And what is your plan?';
  },
});
