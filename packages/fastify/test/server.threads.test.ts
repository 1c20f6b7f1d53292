import type { TenantsOptions } from '@heddle/worker-pool';
import autocannon, { type Options, type Result } from 'autocannon';
import { afterEach, describe, expect, it } from 'vitest';
import { type ServerProcess, startServer } from './support/server.ts';

const servers: ServerProcess[] = [];
const open = async (concurrency = 64, tenants?: TenantsOptions): Promise<ServerProcess> => {
  const server = await startServer(concurrency, tenants);
  servers.push(server);
  return server;
};

afterEach(() => {
  for (const { process } of servers.splice(0)) process.kill('SIGKILL');
});

const load = (options: Options): Promise<Result> => autocannon({ connections: 20, amount: 1000, ...options });

describe('a server under load', () => {
  it('answers everybody', async () => {
    const { url } = await open();
    const result = await load({ url: `${url}/nothing` });
    expect(result).toMatchObject({ '2xx': 1000, non2xx: 0, errors: 0, timeouts: 0 });
  });

  it('answers the others while some requests spin, and those with 504', async () => {
    // One at a time: a thread that is killed takes with it what runs beside.
    const { url } = await open(1);
    const request = (path: string) => ({ method: 'GET' as const, path });
    const others = Array.from({ length: 24 }, () => request('/nothing'));
    const result = await load({ url, connections: 8, amount: 200, requests: [request('/spins'), ...others] });
    expect(result).toMatchObject({ errors: 0, timeouts: 0, '4xx': 0 });
    expect(result['2xx'] + result['5xx']).toBe(200);
    expect(Object.keys(result.statusCodeStats ?? {}).sort()).toEqual(['204', '504']);
    expect(result['5xx']).toBe(result.statusCodeStats?.['504']?.count);
  });

  it('tells those that are too many to come back, and answers the rest', async () => {
    const { url } = await open();
    // Two threads with 64 places each, and 400 that wait: the last 200 of 728 and more are refused.
    const answers = await Promise.all(Array.from({ length: 728 }, () => fetch(`${url}/naps?ms=300`)));
    const refused = answers.filter(({ status }) => status === 503);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
    expect(new Set(refused.map(({ headers }) => headers.get('retry-after')))).toEqual(new Set(['1']));
    expect((await fetch(`${url}/nothing`)).status).toBe(204);
  });

  it('R-14 answers all the others while one tenant floods it, whom it tells to come back', async () => {
    const { url } = await open(1, { concurrency: 1, queueLimit: 5 });
    const [flood, others] = await Promise.all([
      load({ url: `${url}/naps?ms=5`, headers: { 'x-tenant': 'flood' }, connections: 40, amount: 400 }),
      load({ url: `${url}/nothing`, headers: { 'x-tenant': 'acme' }, connections: 4, amount: 200 }),
    ]);
    expect(others).toMatchObject({ '2xx': 200, non2xx: 0, errors: 0, timeouts: 0 });
    expect(flood).toMatchObject({ '5xx': 0, errors: 0, timeouts: 0 });
    // One runs and five wait; the rest of those forty that come at once are too many.
    expect(Object.keys(flood.statusCodeStats ?? {}).sort()).toEqual(['200', '429']);
    expect(flood['2xx'] + flood['4xx']).toBe(400);
  });

  it('answers whatever it has accepted when it is told to end in the middle of a load, and exits with 0', async () => {
    const { url, process, ended, said } = await open();
    let answers = 0;
    const loaded = new Promise<Result>((resolve, reject) => {
      const running = autocannon({ url: `${url}/naps?ms=5`, connections: 20, amount: 3000 }, (error: Error | null, result) =>
        error === null ? resolve(result) : reject(error),
      );
      running.on('response', () => {
        if (++answers === 300) process.kill('SIGTERM');
      });
      // Nobody listens any more: what is left would only be refused.
      void ended.then(() => running.stop?.());
    });
    expect(await ended).toBe(0);
    const result = await loaded;
    const { accepted, answered } = JSON.parse(said().trim().split('\n').at(-1) ?? '{}') as { accepted: number; answered: number };
    expect(answered).toBe(accepted);
    expect(accepted).toBeGreaterThanOrEqual(300);
    expect(result['4xx']).toBe(0);
    // Those that came when it had begun to end.
    expect(result['5xx']).toBe(result.statusCodeStats?.['503']?.count ?? 0);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'loses nothing it has accepted when it is told to end by %s, and exits with 0',
    async (signal) => {
      const { url, process, ended } = await open();
      const accepted = Array.from({ length: 50 }, () => fetch(`${url}/naps?ms=200`));
      const running = async (): Promise<number> => ((await (await fetch(`${url}/ready`)).json()) as { running: number }).running;
      await expect.poll(running).toBe(50);
      process.kill(signal);
      const answers = await Promise.all(accepted.map(async (answer) => (await answer).json()));
      expect(answers).toEqual(Array.from({ length: 50 }, () => ({ napped: 200 })));
      expect(await ended).toBe(0);
      await expect(fetch(`${url}/nothing`)).rejects.toThrow();
    },
  );

  it('ends at once when it is told twice', async () => {
    const { url, process, ended } = await open();
    const accepted = fetch(`${url}/naps?ms=60000`);
    accepted.catch(() => {});
    const running = async (): Promise<number> => ((await (await fetch(`${url}/ready`)).json()) as { running: number }).running;
    await expect.poll(running).toBe(1);
    process.kill('SIGTERM');
    await expect
      .poll(() =>
        fetch(`${url}/nothing`).then(
          ({ status }) => status,
          () => 'refused',
        ),
      )
      .not.toBe(204);
    process.kill('SIGTERM');
    expect(await ended).toBe(1);
    await expect(accepted).rejects.toThrow();
  });
});
