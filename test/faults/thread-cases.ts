import type { FaultCase } from './fault.ts';
import * as actions from './fixtures/actions.mjs';
import { until, type World } from './world.ts';

const ONCE = { maxRetries: 0 } as const;
/** For what ends by its time limit: short, for nothing is to end by itself before it. */
const SHORT = { maxRetries: 0, timeoutMs: 20 } as const;

/** A stray error of a finished task is told of that task. */
const strayed = async ({ events }: World, action: string): Promise<void> => {
  await until(() => events.some((event) => event.kind === 'strayError' && event.action === action && event.error.message === 'too late'));
};

/** What happens to threads, and in them: memory, exits, loops, errors that nobody catches. */
export const THREAD_CASES: readonly FaultCase[] = [
  {
    fault: 'heap',
    cause: ({ runtime }) => runtime.run(actions.eatsHeap, {}, {}, ONCE),
    expected: { type: 'worker_lost', message: /out of memory/, details: { outOfMemory: true } },
  },
  {
    fault: 'stack',
    cause: ({ runtime }) => runtime.run(actions.overflows, {}, {}, ONCE),
    expected: { type: 'execution_error', message: /call stack/ },
  },
  {
    fault: 'exit',
    cause: ({ runtime }) => runtime.run(actions.exits, {}, {}, ONCE),
    expected: { type: 'worker_lost', details: { exitCode: 3 } },
  },
  {
    fault: 'abort',
    // Node refuses it in threads.
    cause: ({ runtime }) => runtime.run(actions.aborts, {}, {}, ONCE),
    expected: { type: 'execution_error', message: /process\.abort\(\)/ },
  },
  {
    fault: 'exit-later',
    cause: ({ runtime }) => runtime.run(actions.exitsLater, {}, {}, ONCE),
    expected: { type: 'worker_lost', details: { exitCode: 4 } },
  },
  {
    fault: 'loop',
    of: 'that times out',
    cause: ({ runtime }) => runtime.run(actions.spins, {}, {}, SHORT),
    expected: { type: 'timeout', message: /^Action spins timed out after 20ms; raise `timeoutMs`/, details: { forced: true } },
  },
  {
    fault: 'loop',
    of: 'that is cancelled',
    cause: async ({ runtime }) => {
      const memory = new SharedArrayBuffer(8);
      const ref = runtime.start(actions.spins, { memory }, {}, { ...ONCE, timeoutMs: Number.POSITIVE_INFINITY });
      await until(() => Atomics.load(new Int32Array(memory), 1) === 1);
      await runtime.cancel(ref, 'enough');
      return ref.outcome();
    },
    expected: { type: 'cancelled', message: /enough/, details: { forced: true } },
  },
  {
    fault: 'regex',
    cause: ({ runtime }) => runtime.run(actions.backtracks, {}, {}, SHORT),
    expected: { type: 'timeout', details: { forced: true } },
  },
  {
    fault: 'never',
    cause: ({ runtime }) => runtime.run(actions.never, {}, {}, SHORT),
    expected: { type: 'timeout', details: { forced: true } },
  },
  {
    fault: 'error-during',
    cause: ({ runtime }) => runtime.run(actions.throwsInTimer, {}, {}, ONCE),
    expected: { type: 'execution_error', message: /in a timer/, details: { uncaught: true } },
  },
  {
    fault: 'rejection-during',
    cause: ({ runtime }) => runtime.run(actions.rejectsFloating, {}, {}, ONCE),
    expected: { type: 'execution_error', message: /floating/, details: { uncaught: true } },
  },
  {
    fault: 'error-after',
    cause: ({ runtime }) => runtime.run(actions.throwsLate, {}, {}, ONCE),
    expected: { value: 'returned' },
    after: (world) => strayed(world, 'throwsLate'),
  },
  {
    fault: 'rejection-after',
    cause: ({ runtime }) => runtime.run(actions.rejectsLate, {}, {}, ONCE),
    expected: { value: 'returned' },
    after: (world) => strayed(world, 'rejectsLate'),
  },
];
