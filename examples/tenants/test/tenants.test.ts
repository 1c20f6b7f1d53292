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

afterAll(async () => {
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

test('R-14 each customer is answered, and nobody else', async () => {
  for (const tenant of ['acme', 'globex']) {
    const response = await fetch(`${origin}/${tenant}?below=10&below=100`);
    expect([response.status, await response.json()]).toEqual([200, [{ count: 4 }, { count: 25 }]]);
  }
  const response = await fetch(`${origin}/initech?below=10`);
  expect([response.status, await response.json()]).toEqual([404, { message: 'there is no customer initech' }]);
});

test('R-14 E-5 a customer that floods the server holds up itself alone, and what it began ends with its request', async () => {
  const many = Array.from({ length: 4 }, () => `below=${FAR_TOO_MANY}`).join('&');
  const request = get(`${origin}/acme?${many}`, { headers: { expect: '100-continue' } });
  request.on('error', () => {}); // it is ours: the connection is cut below
  // The server has begun with the request once it asks for the rest of it.
  await once(request, 'continue');
  expect((await fetch(`${origin}/globex?below=10`)).status).toBe(200);
  request.destroy();
  expect((await lines.next()).value).toBe('/acme: 4 ended early');
  expect((await fetch(`${origin}/acme?below=10`)).status).toBe(200);
});

test('R-14 a customer past its limits is told so, and when to come back where that is known', async () => {
  const tooMany = await fetch(`${origin}/globex?${Array.from({ length: 40 }, () => 'below=200000').join('&')}`);
  expect(tooMany.status).toBe(429);
  expect(await tooMany.json()).toEqual({
    type: 'overloaded',
    message: 'Tenant globex has 16 tasks waiting already (`tenants.queueLimit`)',
  });
  expect((await fetch(`${origin}/hooli?below=10`)).status).toBe(200);
  const tooSoon = await fetch(`${origin}/hooli?below=10`);
  expect([tooSoon.status, Number(tooSoon.headers.get('retry-after')) > 1]).toEqual([429, true]);
  expect((await fetch(`${origin}/acme?below=10`)).status).toBe(200);
});
