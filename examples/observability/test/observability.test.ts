import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

let server: ChildProcess;
let origin: string;

beforeAll(async () => {
  const main = fileURLToPath(new URL('../main.mjs', import.meta.url));
  server = spawn(process.execPath, [main], { env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  if (server.stdout === null) throw new Error('spawned without a pipe');
  origin = (await createInterface(server.stdout)[Symbol.asyncIterator]().next()).value;
});

afterAll(() => void server.kill('SIGKILL'));

const text = async (path: string): Promise<string> => (await fetch(origin + path)).text();

test('a request that begins elsewhere is one trace, from the server to what the action traced, a retry and a child in it', async () => {
  const response = await fetch(`${origin}/price`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` },
    body: JSON.stringify({ sku: 'tea', fails: 1 }),
  });
  expect(await response.json()).toEqual({ sku: 'tea', price: '4.50 EUR' });
  const tree = [
    'POST /price',
    '  task price',
    '    attempt price',
    '      ask the shop',
    '    attempt price',
    '      ask the shop',
    '      task convert',
    '        attempt convert',
  ];
  // How long a task waits for a lane is the machine's affair.
  await expect.poll(async () => (await text(`/traces/${TRACE_ID}`)).split('\n').filter((line) => !line.includes('queue '))).toEqual(tree);
});

test('a scrape counts it', async () => {
  const metrics = await text('/metrics');
  expect(metrics).toContain('heddle_tasks_ended_total{action="price",outcome="ok",error_type=""} 1');
  expect(metrics).toContain('heddle_attempts_total{action="price",outcome="error",retried="true"} 1');
  expect(metrics).toMatch(/^heddle_lane_event_loop_utilization\{lane="0",stateful="false"\} [\d.e-]+$/m);
});

test('lanes and tasks can be looked at', async () => {
  expect(JSON.parse(await text('/lanes'))[0]).toMatchObject({ index: 0, isolation: 'thread', state: 'idle' });
  expect(JSON.parse(await text('/tasks/nobody'))).toEqual({ state: 'unknown' });
});

test('it ends when it is told to', async () => {
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
