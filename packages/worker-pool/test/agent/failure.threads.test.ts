import { describe, expect, it } from 'vitest';
import * as agents from '../fixtures/agents.ts';
import { openRuntime, until } from '../support/threads.ts';

describe('a failing handler', () => {
  it.each([
    ['breaks', undefined, 'execution_error', 'it broke'],
    ['returnsFail', undefined, 'execution_error', 'no'],
    ['wrongState', undefined, 'validation_error', '`/count` expected integer, got "many"'],
    ['throws', undefined, 'execution_error', 'not extensible'],
    ['answerWrong', undefined, 'uncloneable', '`reply` is a function'],
  ] as const)('W-1 is that signal’s failure, and leaves the state as it was: %s', async (signal, data, type, message) => {
    const { runtime, events } = openRuntime();
    const agent = runtime.startAgent(agents.counter, { count: 1 }, { failurePolicy: 'continue' });
    const failed = await agent.call(signal, data);
    expect(failed).toMatchObject({ ok: false, error: { type, message: expect.stringContaining(message) } });
    expect(await agent.state()).toEqual({ status: 'working', count: 1, log: [] });
    expect(events).toMatchObject([{ kind: 'signalFailed', agentId: agent.id, agent: 'counter', signal, error: { type } }]);
  });

  it('W-1 ends the agent by default, and answers whoever waits', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    agent.send('breaks');
    const call = agent.call('note', 'x');
    const done = agent.completion();
    expect(await agent.outcome()).toMatchObject({ ok: false, error: { message: 'it broke' } });
    expect(await call).toMatchObject({ ok: false, error: { message: 'it broke' } });
    expect(await done).toMatchObject({ ok: false, error: { type: 'not_found', cause: { message: 'it broke' } } });
    expect(runtime.stats()).toMatchObject({ agents: 0, failed: 1 });
  });

  it('W-1 restarts the agent from its last good state, with what waits for it, but not without end', async () => {
    const { runtime, events } = openRuntime();
    const agent = runtime.startAgent(agents.counter, {}, { failurePolicy: 'restart', restart: { max: 2, withinMs: 60_000 } });
    const done = agent.completion();
    agent.send('add', { by: 1 });
    agent.send('breaks');
    agent.send('add', { by: 1 });
    agent.send('uncloneable');
    agent.send('add', { by: 1 });
    expect(await agent.state()).toMatchObject({ count: 3 });
    expect([agent.restarts, agent.status]).toEqual([2, 'suspended']);
    agent.send('complete', 'well');
    expect(await done).toMatchObject({ ok: true, value: { status: 'completed', result: 'well' } });
    agent.send('breaks');
    expect(await agent.outcome()).toMatchObject({
      ok: false,
      error: { type: 'execution_error', message: expect.stringContaining('restarted 2 times'), cause: { message: 'it broke' } },
    });
    expect(events.map(({ kind }) => kind)).toEqual(['signalFailed', 'agentRestarted', 'signalFailed', 'agentRestarted', 'signalFailed']);
  });

  it('W-1 a handler that takes too long is asked to end, and the agent goes on where it obeys', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter, {}, { failurePolicy: 'continue', timeoutMs: 500 });
    expect(await agent.call('obeys')).toMatchObject({
      ok: false,
      error: {
        type: 'timeout',
        message: 'Agent counter: its handler of `obeys` timed out after 500ms; raise `timeoutMs` of the agent if it needs longer',
      },
    });
    expect(await agent.call('add', { by: 1 })).toMatchObject({ ok: true, value: { count: 1 } });
  });
});

describe('a lost lane', () => {
  it('W-1, E-10 takes its agents along, but those that are restarted; everybody is answered', async () => {
    const { runtime, events } = openRuntime({ stateful: { threads: 1 } });
    const killer = runtime.startAgent(agents.counter);
    const plain = runtime.startAgent(agents.counter);
    const kept = runtime.startAgent(agents.counter, {}, { failurePolicy: 'restart' });
    for (const agent of [plain, kept]) agent.send('add', { by: 5 });
    await Promise.all([plain.state(), kept.state()]);
    const waits = [plain.completion(), kept.completion()] as const;
    const heard: number[] = [];
    kept.subscribe(({ count }) => heard.push(count));
    await kept.state();
    const first = kept.threadId;
    const call = killer.call('exit');
    expect(await call).toMatchObject({ ok: false, error: { type: 'worker_lost' } });
    expect(await killer.outcome()).toMatchObject({ ok: false, error: { type: 'worker_lost' } });
    expect(await plain.outcome()).toMatchObject({ ok: false, error: { type: 'worker_lost' } });
    expect(await waits[0]).toMatchObject({ ok: false, error: { type: 'not_found', cause: { type: 'worker_lost' } } });
    expect(await kept.state()).toMatchObject({ count: 5 });
    expect(kept.threadId).not.toBe(first);
    kept.send('add', { by: 1 });
    kept.send('complete', 'after all');
    expect(await waits[1]).toMatchObject({ ok: true, value: { result: 'after all' } });
    await until(() => heard.at(-1) === 6);
    expect(events.filter(({ kind }) => kind === 'agentRestarted')).toMatchObject([{ agentId: kept.id, restarts: 1 }]);
    expect(runtime.stats()).toMatchObject({ agents: 1 });
  });

  it('W-1 a handler that never ends costs the agent its thread, and a restarted one goes on without it', async () => {
    const { runtime } = openRuntime({ graceMs: 20, stateful: { threads: 1 } });
    const agent = runtime.startAgent(agents.counter, {}, { failurePolicy: 'restart', timeoutMs: 500 });
    agent.send('add', { by: 1 });
    const call = agent.call('loops');
    agent.send('add', { by: 1 });
    expect(await call).toMatchObject({ ok: false, error: { type: 'timeout', details: { forced: true, signal: 'loops' } } });
    expect(await agent.state()).toMatchObject({ count: 2 });
    const plain = runtime.startAgent(agents.counter, {}, { failurePolicy: 'continue', timeoutMs: 500 });
    plain.send('loops');
    expect(await plain.outcome()).toMatchObject({ ok: false, error: { type: 'timeout', details: { forced: true } } });
    expect(await agent.state()).toMatchObject({ count: 2 });
    expect(agent.restarts).toBe(2);
  });

  it('W-1 signals that had not begun come again where the agent is restarted, in order', async () => {
    const { runtime } = openRuntime({ stateful: { threads: 1 } });
    const killer = runtime.startAgent(agents.counter);
    const kept = runtime.startAgent(agents.counter, {}, { failurePolicy: 'restart' });
    await Promise.all([killer.state(), kept.state()]);
    killer.send('exit');
    for (let index = 0; index < 20; index++) kept.send('note', String(index));
    const { log } = await kept.state();
    const notes = log.map(Number);
    expect(notes).toEqual([...notes].sort((a, b) => a - b));
    // The one that had begun, if any, is lost; the others are not.
    expect(notes.length).toBeGreaterThanOrEqual(19);
  });

  it('W-1, R-8 an agent whose file does not load ends by that', async () => {
    const { runtime } = openRuntime();
    const away = runtime.startAgent({ ...agents.counter } as typeof agents.counter);
    expect(await away.outcome()).toMatchObject({ ok: false, error: { type: 'invalid_action' } });
  });
});
