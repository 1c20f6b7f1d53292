import { MessagePort } from 'node:worker_threads';
import { type Outcome, ok } from '@heddle/core';
import { expect } from 'vitest';
import { INPUT_PACK } from '../../packages/worker-pool/src/protocol/input.ts';
import type { Expected, FaultCheck } from './fault.ts';
import { type Act, packed } from './fixtures/packed.mjs';
import type { World } from './world.ts';

const ITEMS = 600;
/** Two, so that one fault is met while the other is dealt with. */
const FAULTY: ReadonlySet<number> = new Set([137, 141]);
/** Nobody follows them: tasks that are followed share no packs. */
const SILENT = { telemetry: 'silent' } as const;

/** Counts the packs that are sent to lanes while something runs. */
async function countPacks(run: () => Promise<void>): Promise<number> {
  const { postMessage } = MessagePort.prototype;
  let packs = 0;
  MessagePort.prototype.postMessage = function (this: MessagePort, ...args: Parameters<typeof postMessage>) {
    const [message] = args as readonly unknown[];
    if (Array.isArray(message) && message[0] === INPUT_PACK) packs++;
    return Reflect.apply(postMessage, this, args);
  };
  try {
    await run();
  } finally {
    MessagePort.prototype.postMessage = postMessage;
  }
  return packs;
}

const item = (n: number, act: Act): { readonly n: number; readonly act: Act } => ({ n, act });

/** Until items share packs, however slow the machine is. */
async function warm({ runtime }: World): Promise<void> {
  const items = Array.from({ length: 200 }, (_, n) => item(n, 'number'));
  for (let packs = 0; packs === 0; )
    packs = await countPacks(async () => {
      for await (const { outcome } of runtime.map(packed, items, SILENT)) expect(outcome.ok).toBe(true);
    });
}

/** Two items of a map do something in the midst of packs: they end as they must, all others as ever, each once and in order. */
const inPack = (fault: FaultCheck['fault'], act: Act, expected: (n: number) => Expected, timeoutMs?: number): FaultCheck => ({
  fault,
  of: 'in the middle of a pack',
  check: async (world) => {
    await warm(world);
    const items = Array.from({ length: ITEMS }, (_, n) => item(n, FAULTY.has(n) ? act : 'number'));
    const indexes: number[] = [];
    const others: [number, Outcome][] = [];
    const packs = await countPacks(async () => {
      const limit = timeoutMs === undefined ? {} : { timeoutMs };
      for await (const { index, outcome } of world.runtime.map(packed, items, { ...SILENT, ...limit, ordered: true })) {
        indexes.push(index);
        if (FAULTY.has(index)) expectEnd(outcome, expected(index));
        else if (!outcome.ok || outcome.value !== index + 1) others.push([index, outcome]);
      }
    });
    expect(packs).toBeGreaterThan(0);
    expect(others).toEqual([]);
    expect(indexes).toEqual(items.map(({ n }) => n));
    expect(await world.next()).toMatchObject({ ok: true, value: { after: 1 } });
  },
});

function expectEnd(outcome: Outcome, expected: Expected): void {
  if ('value' in expected) expect(outcome).toEqual(ok(expected.value));
  else
    expect(outcome).toMatchObject({
      ok: false,
      error: { type: expected.type, ...(expected.details === undefined ? {} : { details: expected.details }) },
    });
}

/** Everything that a task may do wrong, done by an item that travels with others. */
export const PACK_CASES: readonly FaultCheck[] = [
  inPack('exit', 'exits', () => ({ type: 'worker_lost', details: { exitCode: 3 } })),
  inPack('exit-later', 'exitsLater', () => ({ type: 'worker_lost', details: { exitCode: 4 } })),
  inPack('heap', 'eatsHeap', () => ({ type: 'worker_lost', details: { outOfMemory: true } })),
  inPack('stack', 'overflows', () => ({ type: 'execution_error' })),
  inPack('loop', 'spins', () => ({ type: 'timeout', details: { forced: true } }), 500),
  inPack('never', 'never', () => ({ type: 'timeout', details: { forced: true } }), 500),
  inPack('error-during', 'throwsInTimer', () => ({ type: 'execution_error', details: { uncaught: true } })),
  inPack('rejection-during', 'rejectsFloating', () => ({ type: 'execution_error', details: { uncaught: true } })),
  inPack('rejection-after', 'rejectsLate', () => ({ value: 'returned' })),
  inPack('falsy', 'throwsFalsy', () => ({ type: 'execution_error' })),
  inPack('getters', 'throwsGetters', () => ({ type: 'execution_error' })),
  inPack('results-hostile', 'unreadable', () => ({ type: 'execution_error' })),
  inPack('results-hostile', 'secret', () => ({ type: 'uncloneable' })),
  inPack('results-uncloneable', 'uncloneable', () => ({ type: 'uncloneable' })),
  inPack('circular', 'circle', () => ({ value: expect.objectContaining({ name: 'round' }) })),
  inPack('flood-logs', 'floodsLogs', (n) => ({ value: n + 1 })),
  inPack('flood-progress', 'floodsProgress', (n) => ({ value: n + 1 })),
  inPack('outcomes', 'outcomeLike', () => ({ value: { ok: false, error: { type: 'closed' } } })),
];
