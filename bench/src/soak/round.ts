import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from './ledger.ts';
import { COMPOSED_PARTS } from './part/composed-parts.ts';
import { FAULT_PARTS } from './part/fault-parts.ts';
import { INSTANCE_PARTS } from './part/instance-parts.ts';
import { MAP_PARTS } from './part/map-parts.ts';
import type { Part } from './part/part.ts';
import { RACE_PARTS } from './part/race-parts.ts';
import { STATEFUL_PARTS } from './part/stateful-parts.ts';
import { TASK_PARTS } from './part/task-parts.ts';
import { Random } from './random.ts';
import { type Place, Stage } from './stage.ts';

const ANYWHERE: readonly Part[] = [...TASK_PARTS, ...FAULT_PARTS, ...RACE_PARTS, ...MAP_PARTS, ...COMPOSED_PARTS, ...STATEFUL_PARTS];

/** All kinds of parts there are. */
export const PARTS: readonly Part[] = [...ANYWHERE, ...INSTANCE_PARTS];

/** One part of a round, chosen: what, where, and when it begins after the one before it. */
interface PlannedPart {
  readonly part: Part;
  readonly onLasting: boolean;
  readonly delayMs: number;
}

/** What happens in a round, all of it known before it begins. */
export interface RoundPlan {
  readonly number: number;
  readonly parts: readonly PlannedPart[];
  /** Parts under way at once. */
  readonly width: number;
  /** The passing runtime is told to close when so many parts have begun, and how long it leaves them. */
  readonly closeAt: number;
  readonly closeGraceMs: number;
  /** Whether tasks are followed by telemetry, and must then each begin and end once. */
  readonly followed: boolean;
}

/** The plan of one round: the same for the same seed and number. */
export function planRound(seed: number, number: number, only: readonly string[]): RoundPlan {
  const random = new Random(seed, number);
  const chosen = only.length === 0 ? PARTS : PARTS.filter(({ name }) => only.includes(name));
  const count = random.whole(40, 120);
  const parts = Array.from({ length: count }, (): PlannedPart => {
    const part = weighted(random, chosen);
    const anywhere = ANYWHERE.includes(part);
    return { part, onLasting: !anywhere || random.chance(0.6), delayMs: random.chance(0.1) ? random.whole(1, 10) : 0 };
  });
  return {
    number,
    parts,
    width: random.pick([1, 4, 16, 64]),
    closeAt: random.whole(Math.floor(count / 2), count + 20),
    closeGraceMs: random.pick([0, 5, 50, 500]),
    followed: random.chance(0.5),
  };
}

function weighted(random: Random, parts: readonly Part[]): Part {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  let left = random.next() * total;
  for (const part of parts) {
    left -= part.weight;
    if (left < 0) return part;
  }
  return random.pick(parts);
}

/** Runs a round to its end: nothing of it is under way when it settles, and the passing runtime is closed. */
export async function runRound(seed: number, plan: RoundPlan, ledger: Ledger, lasting: Place, passing: Place): Promise<void> {
  const { number, parts, width, closeAt, closeGraceMs } = plan;
  const underWay = new Set<Promise<void>>();
  let closed: Promise<void> | undefined;
  const close = (): void => {
    passing.closing = true;
    closed ??= passing.runtime.close({ graceMs: closeGraceMs });
  };
  for (const [index, { part, onLasting, delayMs }] of parts.entries()) {
    if (index === closeAt) close();
    if (delayMs > 0) await sleep(delayMs);
    const stage = new Stage(
      ledger,
      new Random(seed, number, index),
      onLasting ? lasting : passing,
      `round ${number}, part ${index} (${part.name})`,
    );
    const run = part.run(stage).then(
      () => {},
      (error: unknown) => stage.complain(`it rejected: ${error instanceof Error ? error.stack : error}`),
    );
    underWay.add(run);
    void run.then(() => underWay.delete(run)); // never rejects
    if (underWay.size >= width) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  close();
  await closed;
}
