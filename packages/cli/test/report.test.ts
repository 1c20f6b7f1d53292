import { HeddleError, Type } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { detailsOf } from '../src/report/details.ts';
import { createMeter } from '../src/report/meter.ts';
import { progressText } from '../src/report/progress.ts';
import { schemaFields } from '../src/report/schema-text.ts';
import { createSummary, type SummaryFacts } from '../src/report/summary.ts';
import { summaryText } from '../src/report/summary-text.ts';
import { Tally } from '../src/report/tally.ts';
import { errorText } from '../src/shell/error-text.ts';
import { exitCodeOfError, exitCodeOfSignal } from '../src/shell/exit-code.ts';
import { createScreenLogger } from '../src/shell/logger.ts';
import { createFakeShell } from './support/fake-shell.ts';

const screen = createFakeShell({ cwd: '/' }).stderr;

const FACTS: SummaryFacts = {
  ...{ action: 'resize', ok: 997, failed: 3, failures: { validation_error: 1, timeout: 2 }, earlier: { ok: 0, failed: 0 } },
  ...{ wallMs: 12_400, cpuMs: 23_900, busyMs: 23_560, slowest: [{ index: 17, id: 'a', ms: 1200 }], end: 'done', problem: null },
  firstFailures: [{ index: 4, line: 5, id: null, type: 'timeout', message: 'too slow' }],
  ...{ output: 'out.ndjson', journal: null, deadLetter: null, exitCode: 1 },
};

describe('the summary', () => {
  it('tells rows, failures by type, time, speed-up, the slowest and the first failures', () => {
    expect(summaryText(screen, createSummary(FACTS)).split('\n')).toEqual([
      '1 000 rows: 997 ok, 3 failed (2 timeout, 1 validation_error)',
      '  time      12.4 s wall, 23.9 s CPU · 81 rows/s',
      '  speed-up  1.9 × one lane (23.6 s of work)',
      '  slowest   row 17 (a) 1.2 s',
      '  failures  line 5: too slow (timeout)',
      '            … and 2 more',
    ]);
  });

  it('tells what earlier runs did, why it stopped, and how to go on', () => {
    const summary = createSummary({ ...FACTS, earlier: { ok: 3, failed: 1 }, end: 'signal', journal: 'run.journal' });
    const text = summaryText(screen, summary);
    expect(text).toContain('  earlier   4 rows, 1 failed');
    expect(text).toContain('go on with `--resume`');
  });

  it('divides by no time at all', () => {
    const summary = createSummary({ ...FACTS, wallMs: 0 });
    expect([summary.speedUp, summary.rowsPerSecond]).toEqual([0, 0]);
  });
});

it('a tally keeps the slowest five, slowest first, and the first five failures', () => {
  const tally = new Tally();
  for (const [index, ms] of [3, 9, 1, 7, 5, 8, 2, 6].entries()) {
    tally.add({ index, line: index + 1, id: null, raw: undefined }, new HeddleError('timeout', `t${index}`), ms);
  }
  expect(tally.slowest.map(({ ms }) => ms)).toEqual([9, 8, 7, 6, 5]);
  expect(tally.firstFailures.map(({ message }) => message)).toEqual(['t0', 't1', 't2', 't3', 't4']);
  expect([tally.failed, tally.busyMs, tally.types]).toEqual([8, 41, { timeout: 8 }]);
});

describe('the pace', () => {
  it('is of the last ten seconds, and tells the time left from the part done', () => {
    let at = 0;
    const meter = createMeter(() => at);
    at = 5000;
    expect(meter({ rows: 500, failed: 0, fraction: 0.1 })).toMatchObject({ rowsPerSecond: 100, leftMs: 45_000 });
    at = 15_000;
    expect(meter({ rows: 10_500, failed: 1, fraction: 0.6 })).toMatchObject({ rowsPerSecond: 1000, leftMs: 8000 });
  });

  it('tells no time left when the size is not known or nothing moves', () => {
    let at = 0;
    const meter = createMeter(() => at);
    expect(meter({ rows: 0, failed: 0, fraction: 0 }).leftMs).toBeUndefined();
    at = 1000;
    expect(meter({ rows: 5, failed: 0, fraction: undefined }).leftMs).toBeUndefined();
  });

  it('reads as a line', () => {
    const pace = { rows: 12_345, failed: 3, fraction: 0.38, rowsPerSecond: 4000, leftMs: 12_000 };
    expect(progressText(pace, true)).toBe('12 345 rows · 3 failed · 4 000/s · 38 % · 12 s left');
    expect(progressText({ rows: 1, failed: 0, fraction: undefined, rowsPerSecond: 0.25, leftMs: undefined }, true)).toBe('1 row · 0.3/s');
  });
});

it.each<[unknown, number | undefined, string]>([
  ['halfway', undefined, 'halfway'],
  [0.5, 0.5, ''],
  [7, undefined, '7'],
  [{ percent: 25 }, 0.25, 'percent 25'],
  [{ done: 3, total: 4, file: 'a' }, 0.75, 'done 3 · total 4 · file a'],
  [{ done: 3, total: 0 }, undefined, 'done 3 · total 0'],
  [{ big: 1n }, undefined, 'big 1'],
  [null, undefined, 'null'],
])('progress details %# are drawn as a bar, as text, or both', (details, fraction, text) => {
  expect(detailsOf(details)).toEqual({ fraction, text });
});

it('a schema is told field by field, nested ones below, with limits, needs and defaults', () => {
  const schema = Type.Object({
    path: Type.String({ description: 'of the picture' }),
    width: Type.Integer({ minimum: 1, default: 320 }),
    mode: Type.Optional(Type.Union([Type.Literal('fit'), Type.Literal('fill')])),
    crops: Type.Array(Type.Object({ x: Type.Number() }), { minItems: 1 }),
  });
  expect(schemaFields(schema)).toEqual([
    { path: 'path', type: 'string', need: 'required', description: 'of the picture' },
    { path: 'width', type: 'integer ≥ 1', need: 'default 320', description: '' },
    { path: 'mode', type: 'one of "fit" | "fill"', need: 'optional', description: '' },
    { path: 'crops', type: 'array of object with items ≥ 1', need: 'required', description: '' },
    { path: 'crops[].x', type: 'number', need: 'required', description: '' },
  ]);
  expect(schemaFields(Type.Number())).toEqual([{ path: '', type: 'number', need: 'required', description: '' }]);
  expect(schemaFields(undefined)).toEqual([]);
});

describe('exit codes', () => {
  it.each([
    ['invalid_input', 2],
    ['invalid_action', 2],
    ['config_error', 2],
    ['load_error', 2],
    ['validation_error', 2],
    ['execution_error', 1],
    ['timeout', 1],
    ['cancelled', 1],
    ['uncloneable', 1],
    ['compensation_error', 1],
    ['worker_lost', 3],
    ['closed', 3],
    ['internal_error', 3],
  ] as const)('%s is %d', (type, code) => {
    expect(exitCodeOfError(new HeddleError(type, 'x'))).toBe(code);
  });

  it('an output that its schema refuses is a failed task; signals count as shells do', () => {
    expect(exitCodeOfError(new HeddleError('validation_error', 'x', { details: { what: 'output' } }))).toBe(1);
    expect([exitCodeOfSignal('SIGINT'), exitCodeOfSignal('SIGTERM')]).toEqual([130, 143]);
  });
});

describe('an error on the screen', () => {
  it('has each field at fault on a line of its own', () => {
    const faults = [{ path: '/n', expected: 'number', received: '"x"' }];
    const error = new HeddleError('validation_error', 'Invalid params for action double: `/n` expected number, got "x"', {
      details: { faults },
    });
    expect(errorText(screen, error)).toBe(
      'error: Invalid params for action double (ERR_HEDDLE_VALIDATION_ERROR)\n  `/n` expected number, got "x"',
    );
  });

  it('has its causes, the frames of the user, and what to do about a timeout', () => {
    const cause = new Error('inner', { cause: new Error('root') });
    cause.stack = 'Error: inner\n    at mine (file:///x/a.js:1:2)\n    at node:internal/x:1:1\n    at /x/node_modules/y.js:1:1';
    const text = errorText(screen, new HeddleError('execution_error', 'outer', { cause }));
    expect(text.split('\n').slice(1)).toEqual(['  caused by Error: inner', '  at mine (file:///x/a.js:1:2)', '  caused by Error: root']);
    expect(errorText(screen, new HeddleError('timeout', 'slow'))).toContain('--timeout 1m');
  });
});

it('log records are plain lines, warnings and above', () => {
  const lines: string[] = [];
  const logger = createScreenLogger((line) => lines.push(line));
  logger.info({ action: 'resize' }, 'not shown');
  logger.warn({ action: 'resize', taskId: 'x-1', threadId: 3, path: 'a.jpg', big: 1n }, 'no profile');
  expect([logger.level, lines]).toEqual(['warn', ['warning: resize: no profile path=a.jpg big=1']]);
});
