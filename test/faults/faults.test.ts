import type { Outcome } from '@heddle/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULTS } from './catalogue.mjs';
import type { Expected, FaultCase } from './fault.ts';
import { THREAD_CASES } from './thread-cases.ts';
import { VALUE_CASES } from './value-cases.ts';
import { backTo, resources, World } from './world.ts';

const TITLES: ReadonlyMap<string, string> = new Map(FAULTS.map(({ id, title }) => [id, title]));
const named = (cases: readonly FaultCase[]): [string, FaultCase][] =>
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

describe('E-8 E-10 A-6 R-8 every fault settles once, with its own error; its neighbour goes on, the next task succeeds', () => {
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

  test.each(named([...THREAD_CASES, ...VALUE_CASES]))('%s', async (_title, { cause, expected, after }) => {
    const neighbour = await world.neighbour();
    try {
      expectOutcome(await cause(world), expected);
      await after?.(world);
      expect(await world.next()).toMatchObject({ ok: true, value: { after: 1 } });
    } finally {
      neighbour.letGo();
    }
    expect(await neighbour.ended()).toMatchObject({ ok: true, value: 'unharmed' });
    await world.endedOnce();
  });
});
