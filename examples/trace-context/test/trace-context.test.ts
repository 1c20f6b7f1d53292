import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parseTrace } from '../trace-context.mjs';

const main = fileURLToPath(new URL('../main.mjs', import.meta.url));
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';

test('R-10 a log line of the action carries the caller\u2019s trace id, and the next task carries none', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  const lines = stdout.trimEnd().split('\n');
  const record = JSON.parse(lines[0]?.replace('looked up ', '') ?? '') as Record<string, unknown>;
  expect(record).toMatchObject({ sku: 'tea', traceId: TRACE_ID, parentId: SPAN_ID, action: 'price', attempt: 1 });
  expect(record['spanId']).toMatch(/^(?!00f067aa0ba902b7)[\da-f]{16}$/);
  const told = lines.filter((line) => !line.startsWith('looked up')).sort();
  expect(told).toEqual([
    `ended price ok ${TRACE_ID}`,
    'ended price ok undefined',
    `sent on 00-${TRACE_ID}-${record['spanId']}-01 vendor=1`,
    'sent on undefined',
  ]);
  expect(lines.find((line) => line.includes('"cup"'))).not.toContain('traceId');
});

test.each([
  [`00-${TRACE_ID}-${SPAN_ID}-01`, true],
  [`cc-${TRACE_ID}-${SPAN_ID}-01-what-comes-later`, true],
  [`00-${TRACE_ID}-${SPAN_ID}-01-extra`, false],
  [`ff-${TRACE_ID}-${SPAN_ID}-01`, false],
  [`00-${'0'.repeat(32)}-${SPAN_ID}-01`, false],
  [`00-${TRACE_ID}-${'0'.repeat(16)}-01`, false],
  [`00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`, false],
  ['', false],
])('a traceparent is read as the specification says: %s', (header, valid) => {
  expect(parseTrace(header)?.traceId).toBe(valid ? TRACE_ID : undefined);
});
