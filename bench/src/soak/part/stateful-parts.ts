import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentRef, type Coroutine, isThrown, type Step } from '@heddle/core';
import { gives, moody, obeys, type Turn } from '../../work/mischief/stateful-action.ts';
import { emptyTally } from '../../work/tally.ts';
import { tallies } from '../../work/tally-agent.ts';
import { endOf, type Stage, thrownBy, UNLIMITED } from '../stage.ts';
import type { Part } from './part.ts';

const LONG_MS = 60_000;

/** Coroutines, streams and agents. */
export const STATEFUL_PARTS: readonly Part[] = [
  { name: 'coroutines', weight: 6, run: (stage) => coroutine(stage) },
  { name: 'streams', weight: 4, run: (stage) => stream(stage) },
  { name: 'agents', weight: 4, run: (stage) => agent(stage) },
  { name: 'moody agents', weight: 4, run: (stage) => moods(stage) },
];

async function coroutine(stage: Stage): Promise<void> {
  const { random, runtime, place } = stage;
  const last = random.pick<Turn | 'cancel' | 'leave'>([
    'return',
    'return',
    'throw',
    'thrown',
    'cancel',
    'leave',
    ...(place.shared ? (['exit', 'spin'] as const) : []),
  ]);
  const steps = random.whole(0, 30);
  const allowed = {
    return: 'completed',
    throw: 'thrown',
    thrown: 'thrown',
    exit: 'thrown',
    spin: 'thrown',
    cancel: 'cancelled',
    leave: 'cancelled',
    on: '',
    wait: '',
  }[last];
  const ways = place.shared ? [allowed, 'thrown'] : [allowed];
  await stage.ends(`coroutine: ${last}`, ways.concat(place.closing ? ['thrown'] : []), async () => {
    let terminals = 0;
    const onStep = (step: Step<number, number>): void => {
      if (step.kind !== 'suspended') terminals++;
    };
    const told = random.chance(0.5);
    const run = runtime.coroutine(obeys, {}, {}, { ...(told ? { onStep } : {}), timeoutMs: last === 'spin' ? 20 : LONG_MS });
    const end = await obey(stage, run, steps, last);
    const { ok } = await run.outcome(UNLIMITED);
    stage.check(ok === (end.kind === 'completed'), `a coroutine ended with ${end.kind} and its outcome is ${ok ? 'ok' : 'an error'}`);
    if (told) stage.check(terminals === 1, `a coroutine told of its end ${terminals} times`);
    if (place.closing && end.kind === 'thrown' && !isThrown(end.error)) return 'cancelled';
    return end.kind;
  });
}

async function obey(
  stage: Stage,
  run: Coroutine<number, number, Turn>,
  steps: number,
  last: Turn | 'cancel' | 'leave',
): Promise<Step<number, number>> {
  const wait = { timeoutMs: LONG_MS };
  let step = await run.next(undefined, wait);
  for (let number = 1; number <= steps && step.kind === 'suspended'; number++) {
    step = await run.next('on', wait);
    if (step.kind === 'suspended') stage.check(step.value === number, `step ${number} of a coroutine was ${step.value}`);
  }
  if (step.kind !== 'suspended') return step;
  if (last === 'cancel') {
    const cancelled = await run.cancel('enough');
    stage.check(cancelled.ok, `a coroutine's cancel ended with ${endOf(cancelled)}`);
    return run.next(undefined, wait);
  }
  if (last === 'leave') {
    for await (const _ of run) break;
    return run.stop(wait);
  }
  return run.next(last, wait);
}

async function stream(stage: Stage): Promise<void> {
  const { random, runtime, place } = stage;
  const count = random.whole(0, 5000);
  const fails = random.chance(0.3);
  const until = random.chance(0.4) ? random.whole(0, count) : Number.POSITIVE_INFINITY;
  const slow = random.chance(0.2);
  const window = random.whole(1, 600);
  const allowed = until <= count - 1 ? 'left' : fails ? 'execution_error' : 'ended';
  await stage.ends(`stream: ${allowed}`, place.closing ? [allowed, 'ended', 'left', 'execution_error'] : [allowed], async () => {
    let next = 0;
    for await (const value of runtime.stream(gives, { count, fails }, {}, { window })) {
      if (value !== next++) stage.complain(`value ${next - 1} of a stream was ${value}`);
      if (value === until) return 'left';
      if (slow && value % 100 === 0) await sleep(1);
    }
    if (!fails) stage.check(next === count, `${next} of ${count} values of a stream came`);
    return 'ended';
  });
}

async function agent(stage: Stage): Promise<void> {
  const { random, runtime, place } = stage;
  const signals = random.whole(1, 40);
  await stage.ends('agent', place.shared ? ['ok', 'not_found'] : ['ok'], async () => {
    const ref = runtime.startAgent(tallies, emptyTally(signals));
    for (let number = 1; number < signals; number++) ref.send('add', { sender: 0, number });
    const last = await ref.call('add', { sender: 0, number: signals }, LONG_MS);
    if (last.ok) stage.check(last.value.seen === signals, `an agent has seen ${last.value.seen} of ${signals}`);
    return endOf(await ref.stop());
  });
}

async function moods(stage: Stage): Promise<void> {
  const { random, runtime, place } = stage;
  const failurePolicy = random.pick(['stop', 'continue', 'restart'] as const);
  const ending = random.pick(['stop', 'cancel'] as const);
  const signals = random.whole(1, 20);
  const allowed = [ending === 'stop' ? 'ok' : 'cancelled', ...(failurePolicy === 'stop' ? ['execution_error'] : [])];
  await stage.ends(
    `moody agent, ${failurePolicy}`,
    place.shared ? [...allowed, 'worker_lost', 'timeout', 'limit_exceeded', 'execution_error'] : allowed,
    async () => {
      const ref = runtime.startAgent(moody, {}, { failurePolicy, ...(place.shared ? { timeoutMs: 20 } : {}) });
      for (let signal = 0; signal < signals; signal++) await disturb(stage, ref);
      if (ending === 'cancel') await ref.cancel('enough');
      else await ref.stop();
      return endOf(await ref.outcome(UNLIMITED));
    },
  );
}

async function disturb(
  stage: Stage,
  ref: AgentRef<unknown, { readonly add: number; readonly fail: unknown; readonly exit: unknown; readonly spin: unknown }>,
): Promise<void> {
  const { random, place } = stage;
  const kind = random.whole(0, 20);
  try {
    if (kind === 0) ref.send('fail');
    else if (kind === 1 && place.shared) ref.send('exit');
    else if (kind === 2 && place.shared) ref.send('spin');
    else if (kind < 12) ref.send('add', 1);
    else if (kind < 14) await ref.state();
    else await ref.call('add', 1, random.chance(0.2) ? 1 : LONG_MS);
  } catch (error) {
    // It has ended meanwhile, as its policy says.
    stage.check(['not_found', 'worker_lost', 'closed', 'cancelled'].includes(thrownBy(error)), `an agent refused a signal: ${error}`);
  }
}
