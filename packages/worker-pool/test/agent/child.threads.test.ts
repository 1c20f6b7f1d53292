import type { AgentRef, Handle, HeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import * as agents from '../fixtures/agents.ts';
import { openRuntime, until } from '../support/threads.ts';

type Family = ReturnType<typeof start>['parent'];

const start = (id = 'parent') => {
  const { runtime, events } = openRuntime();
  return { runtime, events, parent: runtime.startAgent(agents.family, {}, { id }) };
};

const childOf = (parent: Family, tag: string): Handle | undefined => {
  const children = parent.children();
  return children.ok ? children.value.get(tag) : undefined;
};

/** The child of a tag, once it is there. */
const appeared = async (parent: Family, tag: string): Promise<AgentRef<unknown, { who: unknown }>> => {
  const child = await parent.whenChild(tag);
  if (child.ok) return child.value as AgentRef<unknown, { who: unknown }>; // what these tests spawn
  throw child.error;
};

const heard = async (parent: Family): Promise<readonly string[]> => (await parent.state()).heard;

const caught = (call: () => unknown): HeddleError => {
  try {
    call();
  } catch (error) {
    return error as HeddleError; // nothing else is thrown
  }
  throw new Error('it did not throw');
};

describe('the children of an agent', () => {
  it('W-6 are agents of their own, by tag, with an id below their parent’s; their start and end are signals to it', async () => {
    const { parent, runtime } = start();
    expect(await parent.call('spawn', { tag: 'worker_1', what: 'agent', given: { count: 7 } })).toEqual({
      ok: true,
      value: 'parent/worker_1',
    });
    const child = await appeared(parent, 'worker_1');
    expect([child.id, child.tag, child.parent]).toEqual(['parent/worker_1', 'worker_1', 'parent']);
    expect(runtime.findAgent('parent/worker_1')).toBe(child);
    expect(await child.state()).toMatchObject({ count: 7 });
    expect(await parent.call('tags')).toEqual({ ok: true, value: ['worker_1'] });
    await child.stop();
    expect(childOf(parent, 'worker_1')).toBeUndefined();
    expect(await heard(parent)).toEqual(['start worker_1 true', 'exit worker_1 ok {"count":7,"status":"working","log":[]}']);
    expect(await parent.call('tags')).toEqual({ ok: true, value: [] });
  });

  it('W-6 are tasks too, which live on after the handler that spawned them', async () => {
    const { parent } = start();
    await parent.call('spawn', { tag: 'sum', what: 'task', given: { n: 21 } });
    await expect.poll(() => heard(parent)).toEqual(['start sum true', 'exit sum ok 42']);
    await parent.call('spawn', { tag: 'sum', what: 'task', given: { n: 1, wait: true } });
    await until(() => childOf(parent, 'sum')?.status === 'running');
    await parent.call('cancelChild', 'sum');
    await until(() => childOf(parent, 'sum') === undefined);
    expect((await heard(parent)).at(-1)).toBe('exit sum cancelled');
  });

  it('W-6 can be sent to at once, in the order they were sent', async () => {
    const { parent, runtime } = start();
    await parent.call('spawn', { tag: 'worker_1', what: 'agent', next: 'at once' });
    await until(() => runtime.findAgent('parent/worker_1') !== undefined);
    expect(await (runtime.findAgent('parent/worker_1') as AgentRef).completion()).toMatchObject({ ok: true, value: { result: 'at once' } });
  });

  it('W-6 a used tag is `tag_in_use`, and the first child stays', async () => {
    const { parent } = start();
    await parent.call('spawn', { tag: 'one', what: 'agent' });
    const first = await appeared(parent, 'one');
    expect(await parent.call('spawn', { tag: 'one', what: 'agent' })).toMatchObject({ ok: false, error: { type: 'tag_in_use' } });
    expect(childOf(parent, 'one')).toBe(first);
    expect(await heard(parent)).toEqual(['start one true']);
  });

  it.each([
    [{ tag: 'x', what: 'agent', given: { count: 'many' } }, 'validation_error'],
    [{ tag: 'x', what: 'agent', options: { id: 'parent' } }, 'invalid_input'],
    [{ tag: 'x', what: 'task', given: 5 }, 'invalid_input'],
  ] as const)('W-6 what is wrong with a child is told as its end: %j', async (data, type) => {
    const { parent } = start();
    await parent.call('spawn', data);
    await expect.poll(() => heard(parent)).toContain(`exit x ${type}`);
    expect(await parent.call('tags')).toEqual({ ok: true, value: [] });
  });

  it.each([
    [{ tag: '', what: 'agent' }, 'must be a string that is not empty'],
    [{ tag: 'x', what: 'agent', options: { onParentDeath: 'mourn' } }, "must be 'stop', 'continue' or 'orphan'"],
    [{ tag: 'x', what: 'agent', options: { extra: 1 } }, '`extra` is not an option of a spawned agent'],
    [{ tag: 'x', what: 'task', options: { id: 'y' } }, '`id` is not an option of an action'],
  ] as const)('W-6 options at fault are refused where the child is spawned: %j', async (data, message) => {
    const { parent } = start();
    expect(await parent.call('spawn', data)).toMatchObject({
      ok: false,
      error: { type: 'invalid_input', message: expect.stringContaining(message) },
    });
  });

  it('W-6 end with their parent, go on, or go on and an event tells so, as their policy says', async () => {
    const { parent, runtime, events } = start();
    await parent.call('spawn', { tag: 'a', what: 'agent' });
    await parent.call('spawn', { tag: 'b', what: 'agent', options: { onParentDeath: 'continue' } });
    await parent.call('spawn', { tag: 'c', what: 'agent', options: { onParentDeath: 'orphan' } });
    await parent.call('spawn', { tag: 'd', what: 'task', given: { n: 1, wait: true } });
    const [a, b, c, d] = await Promise.all(['a', 'b', 'c', 'd'].map((tag) => appeared(parent, tag)));
    await parent.stop();
    expect(await a?.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled' } });
    expect(await d?.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled' } });
    expect([b?.status, c?.status]).not.toContain('settled');
    expect([b?.parent, c?.parent]).toEqual([undefined, undefined]);
    expect(events).toMatchObject([{ kind: 'taskOrphaned', taskId: 'parent/c', action: 'counter', parentId: 'parent' }]);
    expect(runtime.stats().agents).toBe(2);
    expect(await b?.call('who')).toMatchObject({ ok: true, value: { self: 'parent/b' } });
  });

  it('W-6 stay their parent’s when it is restarted, and keep their tags', async () => {
    const { runtime } = openRuntime();
    const parent = runtime.startAgent(agents.family, {}, { id: 'parent', failurePolicy: 'restart' });
    await parent.call('spawn', { tag: 'one', what: 'agent' });
    const child = await appeared(parent, 'one');
    parent.send('breaks');
    expect(await parent.call('tags')).toEqual({ ok: true, value: ['one'] });
    expect([parent.restarts, childOf(parent, 'one')]).toEqual([1, child]);
    expect(await parent.call('spawn', { tag: 'one', what: 'agent' })).toMatchObject({ ok: false, error: { type: 'tag_in_use' } });
  });

  it('W-6 can be adopted by id: agents that have no parent', async () => {
    const { parent, runtime } = start();
    const other = runtime.startAgent(agents.family, {}, { id: 'other' });
    parent.adopt('other', 'ward');
    expect([other.parent, childOf(parent, 'ward')]).toEqual(['parent', other]);
    await other.call('tellParent');
    expect(await heard(parent)).toEqual(['start ward false', 'from below']);
    expect(await parent.call('tags')).toEqual({ ok: true, value: ['ward'] });
    expect(caught(() => parent.adopt('nobody', 'x'))).toMatchObject({ type: 'not_found' });
    expect(caught(() => parent.adopt(other, 'x'))).toMatchObject({ type: 'invalid_input' });
    expect(caught(() => other.adopt(parent, 'x'))).toMatchObject({ type: 'invalid_input' });
    const third = runtime.startAgent(agents.counter);
    expect(caught(() => parent.adopt(third, 'ward'))).toMatchObject({ type: 'tag_in_use' });
    expect(third.parent).toBeUndefined();
    await runtime.cancel(other);
    expect((await heard(parent)).at(-1)).toBe('exit ward cancelled');
    expect(caught(() => parent.adopt(other, 'x'))).toMatchObject({ type: 'not_found' });
  });

  it('W-6 can be adopted by a handler, which hears what became of it', async () => {
    const { parent, runtime } = start();
    const other = runtime.startAgent(agents.family, {}, { id: 'other' });
    const adopt = async (id: unknown, tag: unknown): Promise<unknown> => {
      const answer = await parent.call('adopt', { id: id as string, tag: tag as string });
      return answer.ok ? answer.value : answer.error.message;
    };
    expect(await adopt('other', 'ward')).toBe('adopted');
    expect([other.parent, childOf(parent, 'ward')]).toEqual(['parent', other]);
    expect(await heard(parent)).toEqual(['start ward false']);
    expect([await adopt('nobody', 'x'), await adopt('other', 'x'), await adopt('parent', 'x')]).toEqual([
      'not_found',
      'invalid_input',
      'invalid_input',
    ]);
    runtime.startAgent(agents.counter, {}, { id: 'third' });
    expect(await adopt('third', 'ward')).toBe('tag_in_use');
    expect(await adopt('third', '')).toContain('`tag` is a string');
    expect(await parent.call('tags')).toEqual({ ok: true, value: ['ward'] });
    await parent.stop();
    expect(await other.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled' } });
  });
});
