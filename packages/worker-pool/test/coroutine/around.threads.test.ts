import { describe, expect, it } from 'vitest';
import * as actions from '../fixtures/coroutines.ts';
import { request, requestContext, seesInSteps } from '../fixtures/propagated.ts';
import { openRuntime } from '../support/threads.ts';
import { watchTraces } from '../support/trace-watch.ts';

describe('a coroutine among everything else', () => {
  it('R-10 keeps its own ambient state through steps that interleave, its children too', async () => {
    const { runtime } = openRuntime({ propagators: [requestContext], stateful: { threads: 1 } });
    const both = ['one', 'two'].map((id) => request.run({ id }, () => runtime.coroutine(seesInSteps, {})));
    for (let step = 0; step < 3; step++) {
      const steps = await Promise.all(both.map((coroutine) => request.run({ id: 'resumer' }, () => coroutine.next())));
      expect(steps.map((each) => 'value' in each && each.value)).toEqual(['one', 'two']);
    }
    const last = await Promise.all(both.map((coroutine) => coroutine.next()));
    expect(last.map((each) => 'value' in each && each.value)).toEqual([['one'], ['two']]);
  });

  it('R-9 publishes one start and one end for all of its steps', async () => {
    const watch = watchTraces();
    const { runtime } = openRuntime();
    const coroutine = runtime.coroutine(actions.signUp, {}, {}, { tag: 'traced' });
    await coroutine.next();
    await coroutine.next('Alice');
    await coroutine.stop();
    await null;
    expect(watch.events).toEqual(['task.start', 'task.error', 'task.asyncEnd']);
    const [end] = watch.of('task.asyncEnd');
    expect(end?.message).toMatchObject({ action: 'signUp', tag: 'traced', outcome: 'cancelled', attempts: 1, taskId: coroutine.id });
    expect(end?.message.threadId).toBeGreaterThan(0);
  });

  it('E-3 an await that times out cancels it, unless told to leave it', async () => {
    const { runtime } = openRuntime();
    const coroutine = runtime.coroutine(actions.signUp);
    await coroutine.next();
    expect(await coroutine.outcome({ timeoutMs: 5, onTimeout: 'leave' })).toMatchObject({ ok: false, error: { type: 'timeout' } });
    expect(coroutine.state).toBe('suspended');
    expect(await coroutine.outcome({ timeoutMs: 5 })).toMatchObject({ ok: false, error: { type: 'timeout' } });
    expect(await coroutine.next()).toMatchObject({ kind: 'cancelled' });
  });

  it('C-2 what `onStep` and `replyTo` throw is an event, and they may resume it from inside', async () => {
    const { runtime, events } = openRuntime();
    const seen: unknown[] = [];
    const coroutine = runtime.coroutine(
      actions.signUp,
      {},
      {},
      {
        onStep: (step) => {
          seen.push(step.kind === 'suspended' ? step.value : step.kind);
          if (step.kind === 'suspended')
            coroutine.resume('Alice', {
              replyTo: (asked) => {
                seen.push(asked.kind === 'suspended' ? asked.value : asked.kind);
                coroutine.resume('alice@example.com');
                throw new Error('from replyTo');
              },
            });
          throw new Error('from onStep');
        },
      },
    );
    expect(await coroutine.outcome()).toMatchObject({ ok: true, value: { name: 'Alice', email: 'alice@example.com' } });
    await null;
    expect(seen).toEqual(['get_name', 'get_email', 'completed']);
    expect(events.map(({ kind }) => kind)).toEqual(['callbackFailed', 'callbackFailed', 'callbackFailed']);
  });
});
