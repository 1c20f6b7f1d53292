import { HeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { ActionCounts } from '../src/store/action-counts.ts';
import { Failures } from '../src/store/failures.ts';
import { KeptTasks } from '../src/store/kept-tasks.ts';
import { LaneNames } from '../src/store/lane-names.ts';
import { RecentLatency } from '../src/store/latency.ts';
import { LiveTasks } from '../src/store/live-tasks.ts';
import { TaskRecord } from '../src/store/record.ts';
import { Ring } from '../src/store/ring.ts';
import { Sampler } from '../src/store/sampler.ts';
import { errorText, lineText, valueText } from '../src/store/text.ts';
import { TimeLine } from '../src/store/time-line.ts';
import type { TaskRow } from '../src/wire.ts';

describe('what is kept', () => {
  it('R-15 is the last entries of a list, by their numbers', () => {
    const ring = new Ring<number>(3);
    for (let n = 0; n < 8; n++) ring.push(n);
    expect([ring.next, ring.since(0), ring.since(6), ring.since(8), ring.since(0, 2)]).toEqual([8, [5, 6, 7], [6, 7], [], [6, 7]]);
  });

  it('R-15 is bounded, and failed tasks outlive any number that went well', () => {
    const kept = new KeptTasks(10);
    const settle = (id: string, state: TaskRow['state']): void =>
      kept.add(new TaskRecord(id), { id, action: 'a', kind: 'plain', state, attempts: 1 });
    settle('bad', 'error');
    for (let n = 0; n < 5000; n++) settle(`ok ${n}`, 'ok');
    expect(kept.get('bad')?.row?.state).toBe('error');
    expect([kept.get('ok 4999')?.id, kept.get('ok 4980')]).toEqual(['ok 4999', undefined]);
    expect(kept.all().map(({ id }) => id)).toContain('bad');
    expect(kept.all()).toHaveLength(101);
    for (let n = 0; n < 5000; n++) settle(`bad ${n}`, 'timeout');
    expect(kept.get('bad')).toBeUndefined();
  });

  it('R-15 of open tasks is bounded as well: what comes after has no record', () => {
    const live = new LiveTasks();
    for (let n = 0; n < 2000; n++) expect(live.of(String(n))).toBeDefined();
    expect(live.of('one more')).toBeUndefined();
    live.take('0');
    expect(live.of('one more')).toBeDefined();
  });

  it('R-15 of threads, actions and kinds of failures is bounded', () => {
    const names = new LaneNames();
    for (let threadId = 0; threadId < 2000; threadId++) names.learn([{ threadId, index: 0, stateful: threadId % 2 === 1 }]);
    expect([names.of(1999), names.of(1998), names.of(3), names.of(undefined)]).toEqual(['s0', '0', undefined, undefined]);

    const actions = new ActionCounts();
    for (let n = 0; n < 1000; n++) actions.ended(`action${n}`, n % 2 === 0 ? 'ok' : 'failed');
    const rows = actions.rows();
    expect(rows.length).toBe(101);
    expect(rows.reduce((sum, { ended }) => sum + ended, 0)).toBe(1000);
    expect(rows.find(({ action }) => action === '(others)')).toMatchObject({ ended: 900, failed: 450 });

    const failures = new Failures();
    const failure = { type: 'timeout', lastAt: 1, lastTask: 'x', message: 'm' };
    for (let n = 0; n < 300; n++) failures.add({ ...failure, action: `a${n}` });
    failures.add({ ...failure, action: 'a250', lastAt: 2 });
    expect(failures.rows()).toHaveLength(100);
    expect(failures.rows()[0]).toMatchObject({ action: 'a250', count: 2, lastAt: 2 });
  });

  it('R-15 of the time line is thinned out where there is too much to be seen; failures are the last to go', () => {
    const line = new TimeLine();
    const span = { task: 't', action: 'a', lane: '0', from: 0, to: 1 } as const;
    for (let n = 0; n < 1000; n++) line.add({ ...span, end: 'ok' });
    line.add({ ...span, end: 'error' });
    line.add({ ...span, lane: '1', end: 'ok' });
    const drawn = line.since(0);
    expect([drawn.length, drawn.filter(({ end }) => end === 'error').length, drawn.at(-1)?.lane]).toEqual([27, 1, '1']);
    line.tick();
    line.add({ ...span, end: 'ok' });
    expect(line.since(line.next - 1)).toHaveLength(1);
  });
});

describe('who is followed', () => {
  it('R-15 is every task of an action that has few, and of one with thousands a share from the whole of each tick', () => {
    const sampler = new Sampler();
    const burst = (action: string, count: number): number =>
      Array.from({ length: count }, () => sampler.follows(action, 'plain')).filter(Boolean).length;
    expect(burst('rare', 3)).toBe(3);
    expect(burst('often', 10_000)).toBeLessThanOrEqual(250);
    for (let tick = 0; tick < 5; tick++) {
      sampler.tick();
      const chosen = Array.from({ length: 10_000 }, () => sampler.follows('often', 'plain'));
      expect(chosen.filter(Boolean)).toHaveLength(50);
      expect(chosen.slice(5000).filter(Boolean)).toHaveLength(25);
      expect(burst('rare', 3)).toBe(3);
    }
  });

  it('R-15 is bounded over all actions together, and coroutines have a share of their own', () => {
    const sampler = new Sampler();
    let followed = 0;
    for (let n = 0; n < 10_000; n++) if (sampler.follows(`a${n}`, 'plain')) followed++;
    expect(followed).toBe(250);
    expect(sampler.follows('c', 'coroutine')).toBe(true);
  });
});

describe('percentiles', () => {
  it('R-15 are of the last one to two windows, to a hundredth', () => {
    const latency = new RecentLatency();
    expect(latency.percentiles()).toBeUndefined();
    for (let ms = 1; ms <= 1000; ms++) latency.record(ms);
    expect(latency.percentiles()).toEqual({ p50: expect.closeTo(500, -1), p90: expect.closeTo(900, -1), p99: expect.closeTo(990, -1) });
    latency.turn();
    for (let n = 0; n < 9000; n++) latency.record(0.1);
    expect(latency.percentiles()?.p50).toBeCloseTo(0.1, 2);
    latency.turn();
    latency.turn();
    expect(latency.percentiles()).toBeUndefined();
  });
});

describe('texts', () => {
  it('R-15 tell of values what JSON does not, and are cut', () => {
    expect(valueText({ n: 1n, at: new Date(0), bytes: new Uint8Array(3), not: Number.NaN, none: undefined })).toBe(
      '{\n  "n": "1n",\n  "at": "1970-01-01T00:00:00.000Z",\n  "bytes": "[Uint8Array, 3 bytes]",\n  "not": "NaN"\n}',
    );
    expect([valueText(undefined), valueText(null), valueText('a')]).toEqual(['undefined', 'null', '"a"']);
    expect(valueText('x'.repeat(10_000))).toHaveLength(4000 + '… (6002 more characters)'.length);
    expect(lineText(`a\n  b${'x'.repeat(300)}`)).toMatch(/^a bx+… \(103 more characters\)$/);
  });

  it('R-15 tell of an error its type, its message, its redacted details, and its causes with their stacks', () => {
    const error = new HeddleError('execution_error', 'it broke', { details: { token: 'abc' }, cause: new TypeError('why') });
    const text = errorText(error, () => ({ token: '[redacted]' }));
    expect(text).toMatch(/^execution_error: it broke\n\{\n {2}"token": "\[redacted\]"\n\}\n\ncaused by TypeError: why\n {4}at /);
    expect(errorText('thrown bare', (value) => value)).toBe('"thrown bare"');
  });
});
