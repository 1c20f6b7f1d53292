import { createRuntime } from '@heddle/worker-pool';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDashboard } from '../src/index.ts';
import { ask, openDashboard } from './support/dashboard.ts';

const TOKEN = 'a-token-of-some-length';

describe('without a token', () => {
  it('R-15 this machine is answered under its own names, and under no other: a rebound name gets nothing', async () => {
    const { base } = await openDashboard({ hosts: ['box.internal'] });
    const port = new URL(base).port;
    const statusOf = async (host: string): Promise<number> => (await ask(`${base}/`, { headers: { host } })).status;
    expect(await statusOf(`localhost:${port}`)).toBe(200);
    expect(await statusOf('[::1]')).toBe(200);
    expect(await statusOf('BOX.internal')).toBe(200);
    expect(await statusOf('evil.example')).toBe(403);
    expect(await statusOf(`127.0.0.1.evil.example:${port}`)).toBe(403);
  });

  it('R-15 what a proxy passes on is refused: behind one, everybody seems to be of this machine', async () => {
    const { base } = await openDashboard();
    const { status, text } = await ask(`${base}/snapshot`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect([status, JSON.parse(text)]).toEqual([403, { error: expect.stringContaining('give the dashboard a `token`') }]);
  });

  it('R-15 it listens on the loopback, and beyond it not at all when a token is ruled out', async () => {
    const { url } = await openDashboard();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const other = await openOne({ token: false });
    await expect(other.listen({ host: '0.0.0.0', port: 0 })).rejects.toMatchObject({
      type: 'config_error',
      message: expect.stringContaining('needs a `token`'),
    });
  });
});

describe('with a token', () => {
  it('R-15 whoever has none is told how to get in; a bearer gets in, a wrong one does not', async () => {
    const { base } = await openDashboard({ token: TOKEN });
    const { status, text } = await ask(`${base}/snapshot`);
    expect([status, text]).toEqual([401, expect.stringContaining('A token is needed')]);
    const withBearer = (token: string): ReturnType<typeof ask> =>
      ask(`${base}/snapshot`, { headers: { authorization: `Bearer ${token}` } });
    expect((await withBearer(TOKEN)).status).toBe(200);
    expect((await withBearer(`${TOKEN}x`)).status).toBe(401);
    expect((await withBearer('a')).status).toBe(401);
  });

  it('R-15 the address of the first visit leaves a cookie that scripts cannot read, and the token leaves the address', async () => {
    const { base, url } = await openDashboard({ token: TOKEN });
    expect(url).toBe(`${base}/?token=${TOKEN}`);
    const { status, headers } = await ask(url, { headers: { host: 'box.example' } });
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect([status, headers['location']]).toEqual([303, '/']);
    expect(cookie).toMatch(/^heddle-[0-9a-f]{8}=[0-9a-f]{56}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(TOKEN);
    const again = cookie.split(';')[0] ?? '';
    expect((await ask(`${base}/`, { headers: { cookie: `a=b; ${again}` } })).status).toBe(200);
    expect((await ask(`${base}/`, { headers: { cookie: again.replace(/.$/, 'x') } })).status).toBe(401);
    expect((await ask(`${base}/?token=wrong`)).status).toBe(401);
  });

  it('R-15 one is made where it listens beyond the loopback', async () => {
    const dashboard = await openOne({});
    const { url, port } = await dashboard.listen({ host: '0.0.0.0', port: 0 });
    expect(new URL(url).searchParams.get('token')).toMatch(/^[\w-]{24}$/);
    expect((await ask(`http://127.0.0.1:${port}/`)).status).toBe(401);
  });
});

describe('what changes something', () => {
  it('R-15 is refused where it comes from another site', async () => {
    const { post, base } = await openDashboard();
    const cancel = '/tasks/x/cancel';
    expect((await post(cancel, {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post(cancel, {}, { 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await post(cancel, {}, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await post(cancel, {}, { origin: 'null' })).status).toBe(403);
    expect((await post(cancel, {}, { origin: base, 'sec-fetch-site': 'same-origin' })).status).toBe(404);
  });

  it('R-15 is JSON, an object, of known fields, and no longer than a mebibyte', async () => {
    const { post, base } = await openDashboard();
    const cancel = '/tasks/x/cancel';
    expect((await post(cancel, {}, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(cancel, [])).status).toBe(400);
    expect(await post(cancel, { why: 1 })).toMatchObject({ status: 400, text: expect.stringContaining('`why`') });
    const headers = { 'content-type': 'application/json' };
    expect((await ask(`${base}${cancel}`, { method: 'POST', headers, body: '{' })).status).toBe(400);
    expect((await post(cancel, { reason: 'x'.repeat(1024 * 1024) })).status).toBe(413);
  });

  it('R-15 is refused when the dashboard is read-only, and starting unless it is allowed', async () => {
    const readOnly = await openDashboard({ readOnly: true, start: true });
    for (const path of ['/tasks/x/cancel', '/coroutines/x/resume', '/lanes/0/kill', '/actions/add/start'])
      expect(await readOnly.post(path, {})).toMatchObject({ status: 403, text: expect.stringContaining('read-only') });
    expect(await readOnly.snapshot()).toMatchObject({ readOnly: true, startable: [] });
    const plain = await openDashboard();
    expect(await plain.post('/actions/add/start', {})).toMatchObject({ status: 403, text: expect.stringContaining('`start`') });
  });
});

describe('what is served', () => {
  it('R-15 is the page and its own files, with headers that let nothing else in', async () => {
    const { base } = await openDashboard();
    for (const [name, type] of [
      ['', 'text/html'],
      ['page.js', 'text/javascript'],
      ['page.css', 'text/css'],
      ['icon.svg', 'image/svg+xml'],
      ['licences.txt', 'text/plain'],
    ]) {
      const { status, headers } = await ask(`${base}/${name}`);
      expect([status, headers['content-type']]).toEqual([200, expect.stringContaining(type ?? '')]);
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'$/,
      );
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    expect((await ask(`${base}/licences.txt`)).text).toMatch(/MIT[\s\S]+uPlot[\s\S]+MIT/);
  });

  it('R-15 is nothing else, however it is asked for', async () => {
    const { base } = await openDashboard();
    for (const path of [
      '/package.json',
      '/..%2fpackage.json',
      '/page/page.js',
      '/%E0%A4%A',
      '/tasks/',
      '/tasks/a/b',
      '/constructor',
      '/tasks/nothing',
    ])
      expect([path, (await ask(`${base}${path}`)).status]).toEqual([
        path,
        expect.toSatisfy((status: number) => status === 404 || status === 400),
      ]);
    expect((await ask(`${base}/`, { method: 'DELETE' })).status).toBe(405);
    expect((await ask(`${base}/tasks/x/constructor`, { method: 'POST' })).status).toBe(404);
  });

  it('R-15 lies below the base path, and is led to from the path without its slash', async () => {
    const { base } = await openDashboard({ basePath: '/ops/heddle' });
    expect((await ask(`${base}/`)).status).toBe(200);
    expect(await ask(base)).toMatchObject({ status: 303, headers: { location: '/ops/heddle/' } });
    expect((await ask(`${new URL(base).origin}/`)).status).toBe(404);
    expect((await ask(`${base}x/`)).status).toBe(404);
  });
});

describe('options', () => {
  it('R-15 are checked at once, every fault named', async () => {
    const runtime = createRuntime({ threads: { min: 0 } });
    onTestFinished(() => runtime.close());
    const given = { readOnly: 1, token: 'short', hosts: 'x', basePath: 'x/', keep: 0, mapItems: 'all', colour: 'red' };
    expect(() => createDashboard(runtime, given as never)).toThrowError(
      /`readOnly` must be a boolean; `token` must be 16.*`hosts` must.*`basePath` must.*`keep` must.*`mapItems` must.*`colour` is not an option/,
    );
    expect(() => createDashboard({} as never)).toThrowError(/takes what `createRuntime` returned/);
    const dashboard = createDashboard(runtime, { token: undefined } as never);
    onTestFinished(() => dashboard.close());
    await expect(dashboard.listen({ port: 70_000, host: '' })).rejects.toMatchObject({
      message: expect.stringMatching(/`port` must.*`host` must/),
    });
  });

  it('R-15 a runtime has one dashboard at a time, and another after it was closed', async () => {
    const runtime = createRuntime({ threads: { min: 0 } });
    onTestFinished(() => runtime.close());
    const dashboard = createDashboard(runtime);
    expect(() => createDashboard(runtime)).toThrowError(/is being inspected already/);
    await dashboard.close();
    await createDashboard(runtime).close();
  });
});

/** A dashboard that does not listen yet. */
async function openOne(options: Parameters<typeof createDashboard>[1]): Promise<ReturnType<typeof createDashboard>> {
  const runtime = createRuntime({ threads: { min: 0 } });
  const dashboard = createDashboard(runtime, options);
  onTestFinished(async () => {
    await dashboard.close();
    await runtime.close();
  });
  return dashboard;
}
