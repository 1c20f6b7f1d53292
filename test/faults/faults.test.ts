import type { Outcome } from '@heddle/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULTS } from './catalogue.mjs';
import type { Expected, FaultCase, FaultCheck } from './fault.ts';
import { HOST_CASES } from './host-checks.ts';
import { MODULE_CASES, MODULE_CHECKS } from './module-cases.ts';
import { PACK_CASES } from './pack-cases.ts';
import { THREAD_CASES } from './thread-cases.ts';
import { VALUE_CASES } from './value-cases.ts';
import { backTo, resources, World } from './world.ts';

const CASES: readonly FaultCase[] = [...THREAD_CASES, ...VALUE_CASES];
const OWN: readonly FaultCheck[] = [...MODULE_CHECKS, ...HOST_CASES, ...PACK_CASES];

const TITLES: ReadonlyMap<string, string> = new Map(FAULTS.map(({ id, title }) => [id, title]));
const named = <C extends FaultCase | FaultCheck>(cases: readonly C[]): [string, C][] =>
  cases.map((each) => [`${TITLES.get(each.fault)}${each.of === undefined ? '' : `: ${each.of}`}`, each]);

function expectOutcome(outcome: Outcome, expected: Expected): void {
  if ('value' in expected) {
    expect(outcome).toEqual(expect.objectContaining({ ok: true, value: expected.value }));
    return;
  }
  expect(outcome.ok).toBe(false);
  if (outcome.ok) return;
  expect(outcome.error.type).toBe(expected.type);
  if (expected.message !== undefined) expect(outcome.error.message).toMatch(expected.message);
  expect(outcome.error.details).toMatchObject(expected.details ?? {});
}

/** Something goes wrong beside a neighbour, which is not harmed, and before a next task, which succeeds. */
async function beside(world: World, wrong: () => Promise<void>): Promise<void> {
  const neighbour = await world.neighbour();
  try {
    await wrong();
    expect(await world.next()).toMatchObject({ ok: true, value: { after: 1 } });
  } finally {
    neighbour.letGo();
  }
  expect(await neighbour.ended()).toMatchObject({ ok: true, value: 'unharmed' });
  await world.endedOnce();
}

test('every fault of the catalogue is tried', () => {
  const tried = new Set<string>([...CASES, ...OWN, ...MODULE_CASES].map(({ fault }) => fault));
  expect(FAULTS.filter(({ id }) => !tried.has(id)).map(({ id }) => id)).toEqual([]);
});

describe('E-8 E-10 A-6 R-8 a fault settles once, with its own error; its neighbour goes on, the next task succeeds', () => {
  let before: ReadonlyMap<string, number>;
  let world: World;
  beforeAll(() => {
    before = resources();
    world = new World();
  });
  afterAll(async () => {
    await world.close();
    await backTo(before);
  });

  test.each(named(CASES))('%s', (_title, { cause, expected, after }) =>
    beside(world, async () => {
      expectOutcome(await cause(world), expected);
      await after?.(world);
    }),
  );

  test.each(named(MODULE_CASES))('%s', (_title, { check }) => beside(world, () => check(world)));
});

describe('E-8 E-12 a fault on a runtime of its own leaves nothing behind once that is closed', () => {
  test.each(named(OWN))('%s', async (_title, { options, check }) => {
    const before = resources();
    const world = new World(options);
    try {
      await check(world);
    } finally {
      await world.close();
    }
    await backTo(before);
  });
});
