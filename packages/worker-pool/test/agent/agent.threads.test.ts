import type { HeddleError } from '@heddle/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as agents from '../fixtures/agents.ts';
import { openRuntime, until } from '../support/threads.ts';

const caught = (call: () => unknown): HeddleError => {
  try {
    call();
  } catch (error) {
    return error as HeddleError; // nothing else is thrown
  }
  throw new Error('it did not throw');
};

/** What holds a handler until it is let go. */
function hold(): { readonly gate: SharedArrayBuffer; begun(): Promise<void>; letGo(): void } {
  const gate = new SharedArrayBuffer(8);
  const words = new Int32Array(gate);
  return {
    gate,
    begun: () => until(() => Atomics.load(words, 0) === 1),
    letGo: () => {
      Atomics.store(words, 1, 1);
      Atomics.notify(words, 1);
    },
  };
}

describe('an agent', () => {
  it('W-1 keeps its state between signals, in a thread, typed all the way', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter, { count: 1 });
    agent.send('add', { by: 2 });
    agent.send('rename', { to: 'x' });
    agent.send('nothing');
    // @ts-expect-error a number is due
    void (() => agent.send('add', { by: '1' }));
    const state = await agent.state();
    expectTypeOf(state.count).toEqualTypeOf<number>();
    expect(state).toEqual({ status: 'working', count: 3, log: ['x'] });
    const thread = await agent.call<'thread', number>('thread');
    expect(thread).toEqual({ ok: true, value: agent.threadId });
    await agent.state();
    expect([agent.status, agent.queueLength, agent.restarts, agent.parent]).toEqual(['suspended', 0, 0, undefined]);
    expect(runtime.stats()).toMatchObject({ agents: 1, running: 0 });
    expect(await agent.stop()).toMatchObject({ ok: true, value: { count: 3 } });
    expect([agent.status, runtime.stats().agents]).toEqual(['settled', 0]);
    expect(await agent.stop()).toMatchObject({ ok: true });
  });

  it('W-1 handles one signal at a time, in order', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    agent.send('later', { ms: 20, note: 'a' });
    agent.send('note', 'b');
    agent.send('later', { ms: 1, note: 'c' });
    agent.send('note', 'd');
    expect((await agent.state()).log).toEqual(['a', 'b', 'c', 'd']);
  });

  it('W-1 keeps the order of each of ten senders', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    const sender = async (name: number): Promise<void> => {
      for (let index = 0; index < 50; index++) {
        agent.send('note', `${name}:${index}`);
        if (index % 7 === name % 7) await agent.call('nothing');
      }
    };
    await Promise.all(Array.from({ length: 10 }, (_, name) => sender(name)));
    const { log } = await agent.state();
    expect(log).toHaveLength(500);
    for (let name = 0; name < 10; name++) {
      const own = log.filter((note) => note.startsWith(`${name}:`));
      expect(own).toEqual(Array.from({ length: 50 }, (_, index) => `${name}:${index}`));
    }
  });

  it('W-1 answers a call by what its handler replies, first, or else by the new state', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    expect(await agent.call('answer', { x: 1 })).toEqual({ ok: true, value: { x: 1 } });
    const added = await agent.call('add', { by: 1 });
    if (added.ok) expectTypeOf(added.value.count).toEqualTypeOf<number>();
    expect(added).toMatchObject({ ok: true, value: { count: 2 } });
    expect(await agent.call('status')).toEqual({ ok: true, value: 'working' });
  });

  it('W-1 copies what is sent at once, so that a sender may go on with it', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    const data = { by: 1 };
    agent.send('add', data);
    data.by = 100;
    expect((await agent.state()).count).toBe(1);
  });

  it.each([
    ['unknown', undefined, 'invalid_input', 'does not handle `unknown`; it handles `add`'],
    ['toString', undefined, 'invalid_input', 'does not handle `toString`'],
    ['rename', { to: 5 }, 'validation_error', '`/to` expected string, got 5'],
    ['note', () => {}, 'uncloneable', '`data` is a function'],
  ])('W-1 refuses what cannot be handled where it is sent: %s', (signal, data, type, message) => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    expect(caught(() => agent.send(signal as 'nothing', data))).toMatchObject({ type, message: expect.stringContaining(message) });
  });

  it('W-1 a full mailbox is an error to the sender, a call and a cast alike', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter, {}, { mailboxLimit: 3 });
    const held = hold();
    agent.send('held', { gate: held.gate, note: 'busy' });
    await held.begun();
    for (let index = 0; index < 3; index++) agent.send('note', 'x');
    expect(caught(() => agent.send('note', 'y'))).toMatchObject({ type: 'overloaded', retryable: true });
    expect(await agent.call('note', 'z')).toMatchObject({ ok: false, error: { type: 'overloaded' } });
    held.letGo();
    expect((await agent.state()).log).toEqual(['busy', 'x', 'x', 'x']);
    agent.send('note', 'again');
    expect((await agent.state()).log).toHaveLength(5);
  });

  it('W-1 a call that was given up before it began is not handled at all', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    const controller = new AbortController();
    const held = hold();
    agent.send('held', { gate: held.gate, note: 'busy' });
    const late = agent.call('note', 'never', 1);
    const aborted = agent.call('note', 'neither', { signal: controller.signal });
    controller.abort();
    expect(await aborted).toMatchObject({ ok: false, error: { type: 'cancelled' } });
    expect(await late).toMatchObject({ ok: false, error: { type: 'timeout', details: { begun: false, timeoutMs: 1 } } });
    held.letGo();
    expect((await agent.state()).log).toEqual(['busy']);
    const slow = hold();
    const begun = agent.call('held', { gate: slow.gate, note: 'slow' }, 1_000);
    expect(await begun).toMatchObject({ ok: false, error: { details: { begun: true } } });
    slow.letGo();
    expect((await agent.state()).log).toEqual(['busy', 'slow']);
  });

  it('W-1 stops when what it was sent has been handled, and takes nothing more', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    agent.send('later', { ms: 5, note: 'a' });
    agent.send('note', 'b');
    const stopped = agent.stop();
    expect(caught(() => agent.send('note', 'c'))).toMatchObject({ type: 'closed' });
    expect(await stopped).toMatchObject({ ok: true, value: { log: ['a', 'b'] } });
    expect(caught(() => agent.send('note', 'd'))).toMatchObject({ type: 'not_found' });
    expect(await agent.call('note', 'e')).toMatchObject({ ok: false, error: { type: 'not_found' } });
    await expect(agent.state()).rejects.toMatchObject({ type: 'not_found' });
  });

  it('W-1 what is wrong with the agent or its state is how it ends', async () => {
    const { runtime } = openRuntime();
    const outcomeOf = (agent: unknown, state?: object): unknown => runtime.startAgent(agent as typeof agents.counter, state).outcome();
    expect(await outcomeOf({})).toMatchObject({ ok: false, error: { type: 'invalid_action' } });
    expect(await outcomeOf(agents.counter, { count: 'x' })).toMatchObject({ ok: false, error: { type: 'validation_error' } });
    expect(await outcomeOf(agents.counter, [])).toMatchObject({ ok: false, error: { type: 'invalid_input' } });
    expect(await outcomeOf(agents.counter, { more: () => {} })).toMatchObject({ ok: false, error: { type: 'uncloneable' } });
    expect(caught(() => runtime.startAgent(agents.counter, {}, { mailboxLimit: -1, wrong: 1 } as object))).toMatchObject({
      type: 'invalid_input',
      details: { faults: [expect.stringContaining('mailboxLimit'), '`wrong` is not an option of an agent'] },
    });
  });

  it('W-1, W-6 has an id of its own choice, that no other running one has, and is found by it', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter, {}, { id: 'the-counter' });
    expect(agent.id).toBe('the-counter');
    expect(runtime.findAgent('the-counter')).toBe(agent);
    expect(caught(() => runtime.startAgent(agents.counter, {}, { id: 'the-counter' }))).toMatchObject({ type: 'invalid_input' });
    expect(await runtime.cancel('the-counter', 'enough')).toMatchObject({ ok: true });
    expect(await agent.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled', details: { reason: 'enough' } } });
    expect(runtime.findAgent('the-counter')).toBeUndefined();
    expect(runtime.startAgent(agents.counter, {}, { id: 'the-counter' }).status).toBe('queued');
  });

  it('W-1 is cancelled by force: its handler is asked, what waits is not handled, and everybody is answered', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    const running = agent.call('obeys');
    const waiting = agent.call('note', 'x');
    const state = agent.state();
    state.catch(() => {});
    await until(() => agent.status === 'running');
    await runtime.cancel(agent, 'enough');
    for (const call of [running, waiting]) expect(await call).toMatchObject({ ok: false, error: { type: 'cancelled' } });
    await expect(state).rejects.toMatchObject({ type: 'not_found' });
    expect(await agent.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled', details: { reason: 'enough' } } });
  });

  it('W-1 many live on few threads, and hold none while they rest', async () => {
    const { runtime } = openRuntime();
    const all = Array.from({ length: 500 }, () => runtime.startAgent(agents.counter));
    for (const agent of all) agent.send('add', { by: 1 });
    const states = await Promise.all(all.map((agent) => agent.state()));
    expect(states.every(({ count }) => count === 1)).toBe(true);
    expect(runtime.stats().statefulLanes.length).toBeLessThanOrEqual(2);
    expect(runtime.stats().statefulLanes.map(({ inFlight }) => inFlight)).toEqual(runtime.stats().statefulLanes.map(() => 0));
  });

  it('W-1 sends to others and itself, and hears whether a signal was taken', async () => {
    const { runtime } = openRuntime();
    const [one, two] = [runtime.startAgent(agents.counter), runtime.startAgent(agents.counter)];
    await one.call('tell', { id: two.id, signal: 'add', data: { by: 3 } });
    expect((await one.state()).lastAnswer).toBe('taken');
    expect((await two.state()).count).toBe(3);
    for (const [id, signal, data, type] of [
      ['nobody', 'add', { by: 1 }, 'not_found'],
      [two.id, 'nothing of that name', undefined, 'invalid_input'],
      [two.id, 'note', () => {}, 'uncloneable'],
    ] as const) {
      if (typeof data === 'function') continue;
      await one.call('tell', { id, signal, data });
      expect((await one.state()).lastAnswer).toBe(type);
    }
    await one.call('tellSelf');
    await until(() => one.status === 'suspended');
    expect((await one.state()).count).toBe(5);
  });

  it('W-1 runs actions from a handler', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter, {}, { context: { user: 7 } });
    await agent.call('runs', 21);
    expect((await agent.state()).lastAnswer).toBe(42);
    expect(await agent.call('who')).toMatchObject({ ok: true, value: { self: agent.id, children: [], context: { user: 7 } } });
  });

  it('W-1, E-5 belongs to the scope that started it, and ends with it', async () => {
    const { runtime } = openRuntime();
    const scope = runtime.scope({ name: 'request' });
    const agent = scope.startAgent(agents.counter);
    const free = scope.startAgent(agents.counter, {}, { link: false });
    await agent.state();
    expect([agent.owner, scope.open]).toEqual(['request', 1]);
    expect(await runtime.scope().cancel(agent)).toMatchObject({ ok: false, error: { type: 'not_owner' } });
    await scope.dispose();
    expect(await agent.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled' } });
    expect((await free.state()).count).toBe(0);
  });

  it('W-1, E-12 ends when the runtime closes, at once when it rests, after its mailbox otherwise', async () => {
    const { runtime } = openRuntime();
    const resting = runtime.startAgent(agents.counter);
    await resting.state();
    const busy = runtime.startAgent(agents.counter);
    const call = busy.call('later', { ms: 10, note: 'a' });
    const closed = runtime.close({ graceMs: 5000 });
    expect(await call).toMatchObject({ ok: true, value: { log: ['a'] } });
    await closed;
    for (const agent of [resting, busy]) expect(await agent.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled' } });
    expect(caught(() => busy.send('nothing'))).toMatchObject({ type: 'not_found' });
  });
});

describe('a listener', () => {
  it('W-1 hears of each new state, the latest alone when the main thread is busy, until it leaves', async () => {
    const { runtime, events } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    const counts: number[] = [];
    const leave = agent.subscribe(({ count }) => counts.push(count));
    agent.subscribe(() => {
      throw new Error('it broke');
    });
    await agent.call('add', { by: 1 });
    await until(() => counts.length === 1);
    for (let index = 0; index < 200; index++) agent.send('add', { by: 1 });
    await until(() => counts.at(-1) === 201);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    leave();
    const heard = counts.length;
    await agent.call('add', { by: 1 });
    expect(counts).toHaveLength(heard);
    expect(events[0]).toMatchObject({ kind: 'callbackFailed', callback: 'subscribe' });
  });

  it('W-1 hears of chosen paths alone, when one of them has changed', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    const heard: (readonly unknown[])[] = [];
    agent.subscribe((values: readonly unknown[]) => heard.push(values), { paths: [['count'], ['log', 0]] });
    await agent.call('complete', 'x');
    await agent.call('add', { by: 2 });
    await until(() => heard.length === 1);
    await agent.call('note', 'first');
    await until(() => heard.length === 2);
    expect(heard).toEqual([
      [2, undefined],
      [2, 'first'],
    ]);
    expect(caught(() => agent.subscribe(5 as never, { paths: [1], more: 1 } as never))).toMatchObject({
      type: 'invalid_input',
      details: { faults: { length: 3 } },
    });
  });
});
