import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hold } from '../support/hold.ts';
import { TenantLine, type TenantTask, type TenantTaskOptions, tenantTask } from '../support/tenant-line.ts';

const many = (count: number, tenant: string | undefined, options?: TenantTaskOptions): TenantTask[] =>
  Array.from({ length: count }, () => tenantTask(tenant, options));

describe('whose turn it is', () => {
  it('R-14 is everybody’s in turn, however many tasks one of them has', () => {
    const line = new TenantLine({}, 1);
    line.add(...many(100, 'flood'), ...many(3, 'acme'), ...many(2, undefined));
    expect(line.order().slice(0, 9)).toEqual(['flood', 'acme', undefined, 'flood', 'acme', undefined, 'flood', 'acme', 'flood']);
  });

  it('R-14 is that of others who take the place of a task of its tenant, in their order', () => {
    const line = new TenantLine({}, 1);
    const [first, second, third] = many(3, 'acme');
    const whole = tenantTask('acme');
    line.add(first as TenantTask, whole, third as TenantTask, tenantTask('globex'));
    const parts = [second as TenantTask, tenantTask('acme', { us: 2000 })];
    line.tenants.shared.replace(whole, parts);
    whole.waiting = false;
    expect(line.tenants.stats()).toMatchObject([
      { tenant: 'acme', queued: 4 },
      { tenant: 'globex', queued: 1 },
    ]);
    expect([...line.tenants.shared].filter(({ tenant }) => tenant === 'acme')).toEqual([first, ...parts, third]);
    expect(line.order()).toEqual(['acme', 'globex', 'acme', 'acme', 'acme']);
    expect(line.tenants.size).toBe(0);
  });

  it('R-14 is that of a tenant who comes to a flood, next', () => {
    const line = new TenantLine({}, 1);
    line.add(...many(1000, 'flood'));
    line.fill();
    line.add(tenantTask('acme'));
    line.finishOne();
    expect(line.fill()).toMatchObject([{ tenant: 'acme' }]);
  });

  it('R-14 is counted in time, not in tasks, though all were thought alike', () => {
    const line = new TenantLine({}, 1);
    line.add(...many(100, 'long', { us: 9000, knownUs: 1000 }), ...many(900, 'short', { us: 1000, knownUs: 1000 }));
    for (let ended = 0; ended < 500; ended++) {
      line.fill();
      line.finishOne();
    }
    const [long = 0, short = 0] = [line.usedUs.get('long'), line.usedUs.get('short')];
    expect(Math.abs(long - short)).toBeLessThan(2 * 9000);
  });

  it('R-14 saves nothing up for a tenant that was idle', () => {
    const line = new TenantLine({}, 1);
    line.add(...many(200, 'steady'));
    for (let ended = 0; ended < 100; ended++) {
      line.fill();
      line.finishOne();
    }
    line.add(...many(50, 'late'));
    const tenants = line.order().slice(1, 21);
    expect(tenants.filter((tenant) => tenant === 'late').length).toBe(10);
  });

  it('R-14 comes to a tenant with a backlog, however many come that were never there before', () => {
    const line = new TenantLine({}, 1);
    line.add(...many(1000, 'backlog'));
    for (let tenant = 0; tenant < 2000; tenant++) {
      line.add(tenantTask(`new ${tenant}`), tenantTask(`new ${tenant}`));
      line.fill();
      line.finishOne();
    }
    expect(line.usedUs.get('backlog')).toBeGreaterThan(3000);
  });

  it('R-14 is not had sooner by ending each task before the next is started', () => {
    const line = new TenantLine({}, 1);
    line.add(...many(10_000, 'backlog', { us: 1000 }));
    let own = tenantTask('one by one', { us: 20_000 });
    line.add(own);
    for (let ended = 0; ended < 2000; ended++) {
      line.fill();
      if (line.finishOne() !== own) continue;
      own = tenantTask('one by one', { us: 20_000 });
      line.add(own);
    }
    const [backlog = 0, alone = 0] = [line.usedUs.get('backlog'), line.usedUs.get('one by one')];
    expect(alone / backlog).toBeLessThan(1.1);
  });

  it('R-14 R-3 keeps priorities and order within a tenant, and no further', () => {
    const line = new TenantLine({}, 1);
    const [low, high, other] = [tenantTask('acme'), tenantTask('acme', { priority: 9 }), tenantTask('globex')];
    line.add(tenantTask('globex', { us: 10 }), low, other, high);
    const sent: TenantTask[] = [];
    for (let begun = line.fill(); begun.length > 0; begun = line.fill()) {
      sent.push(...begun);
      line.finishOne();
    }
    expect(sent.slice(1)).toEqual([high, other, low]);
  });

  it('R-14 A-9 gives a tenant’s own children before what it has not begun, and whatever its limit', () => {
    const line = new TenantLine({ concurrency: 1 }, 3);
    line.add(...many(2, 'acme'), tenantTask('acme', { nested: true }));
    expect(line.fill().map(({ nested }) => nested)).toEqual([true, false]);
    expect([line.tenants.shared.size, line.tenants.shared.held]).toEqual([0, 1]);
  });

  it('R-14 A-9 gives children of several tenants in turn where a lane takes nothing else', () => {
    const line = new TenantLine({});
    const { shared } = line.tenants;
    line.add(tenantTask('plain'), ...many(2, 'acme', { nested: true }), tenantTask('globex', { nested: true }));
    const next = (): string | undefined => shared.shift(true)?.tenant;
    expect([next(), next(), next(), next()]).toEqual(['acme', 'globex', 'acme', undefined]);
    expect(shared.size).toBe(1);
  });

  it('R-14 charges a parent nothing for the time that it waits for its children', () => {
    const line = new TenantLine({}, 1);
    const { tenants, clock } = line;
    const [parent, flood] = [tenantTask('parents'), tenantTask('flood')];
    line.add(parent, tenantTask('parents'), flood, tenantTask('flood'));
    expect(tenants.shared.shift(false)).toBe(parent);
    tenants.parks(parent, true);
    clock.nowMs += 500;
    tenants.parks(parent, false);
    clock.nowMs += 1;
    tenants.ran(parent, 501_000);
    expect(tenants.shared.shift(false)).toBe(flood);
    tenants.ran(flood, 3000);
    expect(tenants.shared.shift(false)?.tenant).toBe('parents');
  });

  it('R-14 goes to the tenant again whose task came back unbegun, at no charge', () => {
    const line = new TenantLine({}, 1);
    const { shared } = line.tenants;
    const task = tenantTask('acme', { knownUs: 5000 });
    line.add(task, tenantTask('globex'));
    expect(shared.shift(false)).toBe(task);
    shared.unshift(task);
    expect(shared.shift(false)).toBe(task);
    expect(shared.shift(false)?.tenant).toBe('globex');
  });

  it('R-14 A-9 forgets a child that was withdrawn, though it no longer says that it was one', () => {
    const line = new TenantLine({ concurrency: 1 });
    const child = tenantTask('acme', { nested: true });
    line.add(child, tenantTask('acme'));
    child.waiting = false;
    child.nested = false;
    line.tenants.shared.withdrawn(child);
    expect(line.tenants.stats()).toMatchObject([{ queued: 1, running: 0 }]);
    expect(line.order()).toEqual(['acme']);
    expect([line.tenants.size, line.tenants.shared.size, line.tenants.shared.held]).toEqual([0, 0, 0]);
  });

  it('R-14 drops of whoever has most that waits', () => {
    const line = new TenantLine({});
    const [first] = many(1, 'flood');
    line.add(...many(2, 'acme'), ...(first === undefined ? [] : [first]), ...many(5, 'flood'), ...many(9, 'busy', { nested: true }));
    expect(line.tenants.shared.oldest()).toBe(first);
  });

  it('R-14 E-7 skips what was withdrawn, before and after it is said', () => {
    const line = new TenantLine({});
    const { shared } = line.tenants;
    const [gone, stays] = [tenantTask('acme'), tenantTask('globex')];
    line.add(gone, stays);
    gone.waiting = false;
    expect(shared.peek(false)).toBe(stays);
    shared.withdrawn(gone);
    expect([...shared]).toEqual([stays]);
    expect(shared.size).toBe(1);
    expect(line.tenants.size).toBe(1);
  });
});

/** What is known of an action may be wrong by a factor of ten; where nothing is known, a millisecond is assumed. */
const tenantLoad = fc.record({
  weight: fc.integer({ min: 1, max: 5 }),
  us: fc.integer({ min: 100, max: 10_000 }),
  knownUs: fc.option(fc.integer({ min: 100, max: 10_000 }), { nil: undefined }),
});

describe('shares under saturation', () => {
  it('R-14 converge to the weights, whatever the tasks take and were thought to take', () => {
    fc.assert(
      fc.property(fc.array(tenantLoad, { minLength: 2, maxLength: 5 }), fc.integer({ min: 1, max: 3 }), (loads, lanes) => {
        const perKey = Object.fromEntries(loads.map(({ weight }, index) => [String(index), { weight }]));
        const line = new TenantLine({ perKey }, lanes);
        const add = (index: number): void => line.add(tenantTask(String(index), loads[index]));
        for (const index of loads.keys()) for (let ahead = 0; ahead < 2 * lanes; ahead++) add(index);
        // Many times what the longest task takes or is thought to take, for each part of the weights there are.
        const parts = loads.reduce((sum, { weight }) => sum + weight, 0);
        const longest = Math.max(...loads.map(({ us, knownUs = 1000 }) => Math.max(us, knownUs)));
        const endMs = line.clock.nowMs + (parts * longest * 40) / 1000;
        while (line.clock.nowMs < endMs) {
          line.fill();
          const ended = line.finishOne();
          if (ended !== undefined) add(Number(ended.tenant));
        }
        const all = [...line.usedUs.values()].reduce((sum, us) => sum + us, 0);
        for (const [index, { weight }] of loads.entries()) {
          const share = (line.usedUs.get(String(index)) ?? 0) / all;
          hold(Math.abs(share - weight / parts) < 0.05, `tenant ${index} of weight ${weight}/${parts} has a share of ${share}`);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('tenants with nothing', () => {
  it('R-14 hold nothing: a hundred thousand come and go', () => {
    const line = new TenantLine({ concurrency: 1, queueLimit: 5 });
    line.add(...many(5, 'steady', { us: 1e9 }));
    for (let tenant = 0; tenant < 100_000; tenant++) {
      line.add(tenantTask(`tenant ${tenant}`, { us: 10 }));
      line.fill();
      line.finishOne();
    }
    // Those with a task on a lane or in the line.
    expect(line.tenants.size).toBe(1);
  });

  it('R-14 are forgotten after ten thousand others, whatever they have used beside somebody who always waits', () => {
    const line = new TenantLine({}, 1);
    line.add(...many(50_000, 'backlog'));
    for (let tenant = 0; tenant < 30_000; tenant++) {
      line.add(tenantTask(`tenant ${tenant}`, { us: 100_000 }));
      line.fill();
      line.finishOne();
    }
    expect(line.tenants.size).toBeLessThan(20_000);
  });

  it('R-14 are known for as long as their rate remembers them, and one timer for all', async () => {
    const line = new TenantLine({ ratePerSecond: 2, burst: 2 });
    const { tenants, clock } = line;
    for (let tenant = 0; tenant < 10_000; tenant++) {
      expect(tenants.refusal(`tenant ${tenant}`, false)).toBeUndefined();
      tenants.admitted(`tenant ${tenant}`);
      tenants.settled(tenantTask(`tenant ${tenant}`));
    }
    expect([tenants.size, clock.timers.length]).toEqual([10_000, 1]);
    await clock.advance(2000);
    expect([tenants.size, clock.pending]).toEqual([0, 0]);
  });
});
