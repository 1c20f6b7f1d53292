import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const FAR_TOO_MANY = 1_000_000_000;

let server: ChildProcess;
let lines: AsyncIterator<string>;
let origin: string;

beforeAll(async () => {
  const main = fileURLToPath(new URL('../server.mjs', import.meta.url));
  server = spawn(process.execPath, [main], { env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  if (server.stdout === null) throw new Error('spawned without a pipe');
  lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  origin = new URL((await lines.next()).value).origin;
});

afterAll(() => void server.kill('SIGKILL'));

const primes = (below: unknown): Promise<Response> => fetch(`${origin}/primes?below=${below}`);

test('a request is answered from a thread', async () => {
  const response = await primes(100);
  expect({ status: response.status, body: await response.json() }).toEqual({ status: 200, body: { count: 25 } });
});

test('a request the schema refuses is the client\u2019s fault', async () => {
  const response = await primes(1);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('`/below` expected integer ≥ 2, got 1');
});

test('a request that takes too long times out, while the server answers others', async () => {
  const slow = primes(FAR_TOO_MANY);
  expect(await (await fetch(origin)).json()).toEqual({ alive: true });
  const response = await slow;
  expect(response.status).toBe(504);
  expect(await response.text()).toContain('timed out after 2000ms');
});

test('a client that goes away cancels its task', async () => {
  const request = get(`${origin}/primes?below=${FAR_TOO_MANY}`, { headers: { expect: '100-continue' } });
  request.on('error', () => {}); // it is ours: the connection is cut below
  // The server has begun with the request once it asks for the rest of it.
  await once(request, 'continue');
  request.destroy();
  expect((await lines.next()).value).toBe('Action countPrimes was cancelled: the client went away');
});

test('what it has accepted is answered after it was told to end', async () => {
  const ended = once(server, 'exit');
  // It takes all the time it has, so it is open still when the server is told.
  const request = get(`${origin}/primes?below=${FAR_TOO_MANY}`, { headers: { expect: '100-continue' } });
  const answered = once(request, 'response');
  await once(request, 'continue');
  server.kill('SIGTERM');
  const [response] = await answered;
  expect([response.statusCode, response.headers.connection]).toEqual([504, 'close']);
  response.resume();
  expect(await ended).toEqual([0, null]);
});
