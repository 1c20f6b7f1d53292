import { type AgentDefinition, defineAgent, Type } from '@heddle/core';
import { metadataOf } from '@heddle/core/engine';
import { createValidator } from '@heddle/core/validation';
import { describe, expect, it } from 'vitest';
import { AGENT_SIGNAL, AGENT_STATE, AGENT_SUBSCRIBE, AGENT_WATCH, type AgentSaying } from '../../src/protocol/agent.ts';
import type { TaskInput } from '../../src/protocol/input.ts';
import { AgentLife } from '../../src/worker/agent-life.ts';
import { freezeState, valueAt } from '../../src/worker/agent-state.ts';
import { type LaneServices, TaskContext } from '../../src/worker/task-context.ts';

const agent = defineAgent({
  module: import.meta.url,
  name: 'life',
  schema: Type.Object({ status: Type.String(), deep: Type.Object({ list: Type.Array(Type.Integer()) }) }),
  on: {
    set: (state, data: string) => ({ ...state, status: data }),
    push: (state, data: number) => ({ ...state, deep: { list: [...state.deep.list, data] } }),
  },
});

const open = (definition: AgentDefinition = agent) => {
  const said: AgentSaying[] = [];
  const lane = {
    say: (saying: AgentSaying) => void said.push(saying),
    send: () => Promise.reject(new Error('nobody is there')),
    adopt: () => Promise.reject(new Error('nobody is there')),
  };
  const plan = { metadata: metadataOf(definition), on: definition.on, state: createValidator(definition.schema) };
  const state = { status: 'open', deep: { list: [1] } };
  const input = { id: 'a', state, parent: undefined, children: [], watches: [], subscriptions: [], snapshots: false };
  const life = new AgentLife(lane, 1, plan, input);
  // All that a handler's end asks of its lane.
  const services = { claims: { isCancelled: () => false } } as unknown as LaneServices;
  const task: TaskInput = {
    action: 0,
    slot: 0,
    generation: 0,
    task: 1,
    attempt: 1,
    timeoutMs: 1,
    deadlineMs: 1,
    params: undefined,
    context: undefined,
  };
  const ctx = new TaskContext(services, task, plan.metadata, 0);
  const send = (signal: string, data: unknown): unknown => life.step([AGENT_SIGNAL, signal, data, undefined, false], ctx);
  return { life, said, send, ctx };
};

const paths = { statusPath: ['status'], resultPath: ['deep', 'list', 0], errorPath: ['error'] };

describe('an agent in its thread', () => {
  it('W-2 answers a waiter at once when its state is there already, and else when it comes to be, once', () => {
    const { life, said, send, ctx } = open();
    life.step([AGENT_WATCH, { id: 7, ...paths }], ctx);
    send('push', 2);
    expect(said).toEqual([]);
    send('set', 'completed');
    send('set', 'completed');
    expect(said).toEqual([[0, 1, 7, 0, { status: 'completed', result: 1 }]]);
    life.step([AGENT_WATCH, { id: 8, ...paths, statusPath: ['deep', 'list', 'length'] }], ctx);
    life.step([AGENT_WATCH, { id: 9, ...paths, resultPath: [] }], ctx);
    expect(said.slice(1)).toMatchObject([[0, 1, 9, 0, { status: 'completed', result: { status: 'completed' } }]]);
  });

  it('W-3 forgets a waiter that has given up', () => {
    const { life, said, send, ctx } = open();
    life.step([AGENT_WATCH, { id: 7, ...paths }], ctx);
    life.unwatch(7);
    send('set', 'completed');
    expect(said).toEqual([]);
  });

  it('W-1 tells a listener of the latest alone, when it has heard of the one before, and of nothing once it has left', () => {
    const { life, said, send, ctx } = open();
    life.step([AGENT_SUBSCRIBE, { id: 3, paths: [['status']] }], ctx);
    send('push', 2);
    for (const status of ['a', 'b', 'c']) send('set', status);
    expect(said).toEqual([[1, 1, 3, ['a']]]);
    life.heard(3);
    life.heard(3);
    expect(said.slice(1)).toEqual([[1, 1, 3, ['c']]]);
    life.unsubscribe(3);
    send('set', 'd');
    life.heard(3);
    expect(said).toHaveLength(2);
  });

  it('W-1 keeps a state that nobody can write into', () => {
    const { life, send, ctx } = open();
    send('push', 5);
    const state = life.step([AGENT_STATE], ctx) as { value: { deep: { list: number[] } } };
    expect(() => state.value.deep.list.push(6)).toThrow(TypeError);
    expect(freezeState({ at: new Map([[1, 2]]) }).at).not.toSatisfy(Object.isFrozen);
  });

  it('W-2 follows a path through own properties alone', () => {
    expect(valueAt({ a: [{ b: 1 }] }, ['a', 0, 'b'])).toBe(1);
    expect(valueAt({ a: 1 }, ['a', 'toFixed'])).toBeUndefined();
    expect(valueAt({}, ['constructor'])).toBeUndefined();
    expect(valueAt(undefined, [])).toBeUndefined();
  });
});
