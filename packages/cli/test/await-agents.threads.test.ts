import type { AgentRef } from 'heddle';
import { alive, all, any, cancel, child, completion, getChild, getChildren } from 'heddle';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as agents from '../../worker-pool/test/fixtures/agents.ts';
import { openRuntime, until } from '../../worker-pool/test/support/threads.ts';

const errorOf = async (outcome: Promise<{ readonly ok: boolean }>): Promise<unknown> => {
  const ended = await outcome;
  return 'error' in ended ? ended.error : ended;
};

describe('waiting for an agent', () => {
  it('W-2 completion is state, not death: the agent lives on', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    const waits = Array.from({ length: 5 }, () => completion(agent));
    agent.send('complete', { answer: 42 });
    const done = { ok: true, value: { status: 'completed', result: { answer: 42 } } };
    for (const wait of waits) expect(await wait).toEqual(done);
    expect(await completion(agent)).toEqual(done);
    expect(await completion(agent, 0)).toEqual(done);
    expect((await agent.state()).status).toBe('completed');
    expect(agent.status).toBe('suspended');
  });

  it('W-2 what was sent before is handled first, so that a wait is for what comes of it', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    await agent.call('complete', 'old');
    agent.send('complete', 'new');
    expect(await completion(agent)).toMatchObject({ ok: true, value: { result: 'new' } });
  });

  it('W-2 a failed one is a completion, its error as the result, whatever it is', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    await agent.call('fails', { code: 7 });
    expect(await completion(agent)).toEqual({ ok: true, value: { status: 'failed', result: { code: 7 } } });
    await agent.call('failsByError');
    const done = await completion(agent);
    expect(done.ok && done.value).toMatchObject({ status: 'failed', result: { message: 'out of range' } });
  });

  it('W-2 each waiter has paths of its own, and only the answer crosses', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    const own = completion(agent, 10_000, { statusPath: ['strategy', 'status'], resultPath: ['strategy', 'result'] });
    expectTypeOf(own).resolves.toExtend<object>();
    const usual = completion(agent);
    agent.send('custom', 'of a strategy');
    expect(await own).toEqual({ ok: true, value: { status: 'completed', result: 'of a strategy' } });
    agent.send('complete', 'at last');
    expect(await usual).toMatchObject({ ok: true, value: { result: 'at last' } });
    agent.send('uncloneable');
    expect(await completion(agent)).toMatchObject({ ok: false, error: { type: 'uncloneable' } });
    expect(await completion(agent, 10_000, { resultPath: ['count'] })).toMatchObject({ ok: true, value: { result: 0 } });
  });

  it('W-3 times out with the time waited, the status, what waits and a hint; the agent goes on, and nobody waits any longer', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    await agent.state();
    const error = await errorOf(completion(agent, 300));
    expect(error).toMatchObject({
      type: 'timeout',
      message: expect.stringContaining('(suspended, 0 signals waiting) has not completed within 300ms; it goes on'),
      details: {
        target: agent.id,
        status: 'suspended',
        queueLength: 0,
        timeoutMs: 300,
        waitedMs: expect.any(Number),
        hint: expect.any(String),
      },
    });
    expect(await errorOf(completion(agent, 0))).toMatchObject({ type: 'timeout' });
    agent.send('later', { ms: 20, note: 'busy' });
    expect(await errorOf(completion(agent, 0))).toMatchObject({ type: 'timeout', details: { status: 'running' } });
    agent.send('complete', 'late');
    expect(await completion(agent)).toMatchObject({ ok: true, value: { result: 'late' } });
  });

  it('W-3 ends by its signal alone', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    const controller = new AbortController();
    const wait = completion(agent, 10_000, { signal: controller.signal });
    controller.abort(new Error('gone home'));
    expect(await errorOf(wait)).toMatchObject({ type: 'cancelled', message: 'The wait was aborted: gone home' });
    expect(await errorOf(completion(agent, 10_000, { signal: controller.signal }))).toMatchObject({ type: 'cancelled' });
    expect((await agent.state()).count).toBe(0);
  });

  it('W-3 a dead agent is `not_found`, to every way of waiting, and so is one that dies meanwhile', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.family, { status: 'completed', lastAnswer: 1 });
    const early = [child(agent, 'nobody'), completion(runtime.startAgent(agents.counter, {}, { signal: AbortSignal.timeout(20) }))];
    await agent.state();
    await agent.stop();
    for (const wait of early) expect(await errorOf(wait)).toMatchObject({ type: 'not_found' });
    for (const wait of [completion(agent), all([agent]), any([agent]), child(agent, 'x'), cancel(agent)])
      expect(await errorOf(wait)).toMatchObject({ type: 'not_found' });
    expect(getChildren(agent)).toMatchObject({ ok: false, error: { type: 'not_found' } });
    expect(getChild(agent, 'x')).toMatchObject({ ok: false, error: { type: 'not_found' } });
    expect([alive(agent), await alive(agent, { responding: true })]).toEqual([false, false]);
  });
});

describe('waiting for several', () => {
  it('W-4 `all` waits for agents, tasks and coroutines alike, under one deadline', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    const task = runtime.start(agents.double, { n: 4 });
    agent.send('complete', 'a');
    const done = await all([agent, task]);
    expect(done.ok && [...done.value]).toEqual([
      [agent, { status: 'completed', result: 'a' }],
      [task, { status: 'completed', result: 8 }],
    ]);
    const open = runtime.startAgent(agents.counter);
    // Long enough for the first to tell that it has completed, however busy the machine.
    const late = await errorOf(all([agent, open], 2_000));
    expect(late).toMatchObject({ type: 'timeout', details: { pendingCount: 1, pending: [{ target: open.id }] } });
  });

  it('W-4 `all` ends with the first that cannot be waited for, and names it; the others go on', async () => {
    const { runtime } = openRuntime();
    const [one, two] = [runtime.startAgent(agents.counter), runtime.startAgent(agents.counter)];
    await two.stop();
    expect(await all([one, two])).toMatchObject({ ok: false, target: two, error: { type: 'not_found' } });
    expect(alive(one)).toBe(true);
  });

  it('W-4 `any` is won by the first, a failed one too; a loser runs on, and never wins the next', async () => {
    const { runtime } = openRuntime();
    const [one, two, three] = [runtime.startAgent(agents.counter), runtime.startAgent(agents.counter), runtime.startAgent(agents.counter)];
    const first = any([one, two]);
    one.send('fails', 'no');
    const won = await first;
    expect(won).toMatchObject({ ok: true, value: { completion: { status: 'failed', result: 'no' } } });
    expect(won.ok && won.value.target).toBe(one);
    const second = any([three]);
    await two.call('complete', 'late');
    three.send('complete', 'three');
    const next = await second;
    expect(next.ok && next.value).toEqual({ target: three, completion: { status: 'completed', result: 'three' } });
    expect(await errorOf(any([]))).toMatchObject({ type: 'timeout' });
  });
});

describe('children, signs of life, a gentle end', () => {
  it('W-5 `child` waits for the tag, then for its completion, within one time', async () => {
    const { runtime } = openRuntime();
    const parent = runtime.startAgent(agents.family);
    const wait = child(parent, 'worker_1', 10_000);
    const other = child(parent, 'worker_1', 10_000, { statusPath: ['strategy', 'status'], resultPath: ['strategy', 'result'] });
    expect(getChild(parent, 'worker_1')).toMatchObject({ ok: false, error: { type: 'child_not_found', details: { tags: [] } } });
    await parent.call('spawn', { tag: 'worker_1', what: 'agent' });
    const appeared = await parent.whenChild('worker_1');
    const found = getChild(parent, 'worker_1');
    expect(found).toEqual(appeared);
    const worker = (found.ok ? found.value : undefined) as AgentRef<unknown, { custom: unknown; complete: unknown }>;
    const children = getChildren(parent);
    expect(children.ok && [...children.value]).toEqual([['worker_1', worker]]);
    worker.send('custom', 'of a strategy');
    worker.send('complete', 'work');
    expect(await wait).toEqual({ ok: true, value: { status: 'completed', result: 'work' } });
    expect(await other).toMatchObject({ ok: true, value: { result: 'of a strategy' } });
  });

  it('W-5 `child` is late when nothing of the tag appears, or what appears does not complete', async () => {
    const { runtime } = openRuntime();
    const parent = runtime.startAgent(agents.family);
    expect(await errorOf(child(parent, 'nobody', 5))).toMatchObject({
      type: 'timeout',
      message: expect.stringContaining('no child of the tag nobody'),
    });
    await parent.call('spawn', { tag: 'slow', what: 'agent' });
    await parent.whenChild('slow');
    expect(await errorOf(child(parent, 'slow', 5))).toMatchObject({ type: 'timeout', details: { timeoutMs: 5 } });
    const controller = new AbortController();
    const wait = child(parent, 'nobody', 10_000, { signal: controller.signal });
    controller.abort();
    expect(await errorOf(wait)).toMatchObject({ type: 'cancelled' });
    expect(await errorOf(child(runtime.start(agents.double, { n: 1 }), 'x'))).toMatchObject({ type: 'invalid_async_ref' });
    expect(await errorOf(child(undefined, 'x'))).toMatchObject({ type: 'not_found' });
    expect(await errorOf(child(parent, ''))).toMatchObject({ type: 'invalid_input' });
  });

  it('W-5 `child` waits for tasks too', async () => {
    const { runtime } = openRuntime();
    const parent = runtime.startAgent(agents.family);
    const wait = child(parent, 'sum');
    await parent.call('spawn', { tag: 'sum', what: 'task', given: { n: 21 } });
    expect(await wait).toEqual({ ok: true, value: { status: 'completed', result: 42 } });
  });

  it('W-5 `alive` looks at the status, and with `responding` asks the thread, which does not answer while it is stuck', async () => {
    const { runtime } = openRuntime({ graceMs: 20 });
    const agent = runtime.startAgent(agents.counter);
    expect(await alive(agent, { responding: true, timeoutMs: 20_000 })).toBe(true);
    expect([alive(agent), await alive(agent, { responding: true })]).toEqual([true, true]);
    agent.send('later', { ms: 20, note: 'busy' });
    expect(await alive(agent, { responding: true, timeoutMs: 20_000 })).toBe(true);
    agent.send('loops');
    await until(() => agent.queueLength === 0 && agent.status === 'running');
    await expect.poll(() => alive(agent, { responding: true, timeoutMs: 20 })).toBe(false);
    expect(alive(agent)).toBe(true);
    await runtime.cancel(agent);
    expect(alive(agent)).toBe(false);
  });

  it('W-5 `cancel` asks: an agent that says nothing to it fails by it, and lives on', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.counter);
    expect(await cancel(agent)).toEqual({ ok: true, value: undefined });
    expect(await completion(agent)).toEqual({
      ok: true,
      value: { status: 'failed', result: { type: 'cancelled', reason: 'client_cancelled' } },
    });
    expect(alive(agent)).toBe(true);
  });

  it('W-5 `cancel` is advisory: an agent decides, and `runtime.cancel` is the forceful one', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(agents.stubborn);
    expect(await cancel(agent, { reason: 'enough' })).toMatchObject({ ok: true });
    expect((await agent.state()).log).toEqual(['asked: enough']);
    expect(await agent.call('status')).toEqual({ ok: true, value: 'stubborn as ever' });
    agent.send('yield');
    expect(await completion(agent)).toMatchObject({ ok: true, value: { status: 'failed', result: 'gave in' } });
    await runtime.cancel(agent, 'by force');
    expect(await errorOf(cancel(agent))).toMatchObject({ type: 'not_found' });
    const strict = runtime.startAgent(agents.strict);
    await cancel(strict);
    // Its state has no room for a failure: the refused state is the signal's failure, and ends it.
    expect(await strict.outcome()).toMatchObject({ ok: false, error: { type: 'validation_error' } });
  });
});
