import { expect, it } from 'vitest';
import { fixture, heddle, startHeddle } from './support/process.ts';

/** The address that a command has printed. */
async function addressOf(started: ReturnType<typeof startHeddle>, where: 'out' | 'err'): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = '';
    started.child[where === 'out' ? 'stdout' : 'stderr']?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = /(http:\/\/127\.0\.0\.1:\d+\/)\n/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    started.ended.then(({ err }) => reject(new Error(err)), reject);
  });
}

async function post(url: string, body: unknown): Promise<{ readonly started: string }> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { readonly started: string }; // what the dashboard answers
}

it('R-15 heddle dashboard starts the actions of its modules from the page, and ends on Ctrl-C when what runs has ended', async () => {
  const dashboard = startHeddle(['dashboard', fixture('several.js'), fixture('chatty.js'), '--port', '0']);
  const url = await addressOf(dashboard, 'out');
  const hello = (await (await fetch(`${url}snapshot`)).json()) as { readonly startable: readonly { readonly name: string }[] };
  expect(hello.startable.map(({ name }) => name)).toEqual(expect.arrayContaining(['double', 'triple', 'count', 'chatty']));
  const { started } = await post(`${url}actions/double/start`, { params: { n: 21 } });
  await expect.poll(async () => await (await fetch(`${url}tasks/${started}`)).json()).toMatchObject({ task: { state: 'ok' } });
  dashboard.child.kill('SIGINT');
  expect(await dashboard.ended).toMatchObject({ code: 130, err: expect.stringContaining('stopping; once more ends at once') });
});

it('R-15 heddle dashboard says what is wrong: no module, a port that is none, an action file that is none', async () => {
  expect(await heddle(['dashboard'])).toMatchObject({ code: 2, err: expect.stringContaining("missing required argument 'modules'") });
  expect(await heddle(['dashboard', 'a.js', '--port', 'x'])).toMatchObject({ code: 2, err: expect.stringContaining('expected a port') });
  expect(await heddle(['dashboard', 'nothing.js'])).toMatchObject({ code: 2, err: expect.stringContaining('There is no file') });
  expect(await heddle(['dashboard', fixture('double.js'), '--token', 'short'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('`token`'),
  });
});

it('R-15 heddle run --dashboard serves a page beside what runs', async () => {
  const run = startHeddle(['run', fixture('asks.js'), '--action', 'free', '--dashboard', '0'], { stdin: 'pipe' });
  const url = await addressOf(run, 'err');
  await expect.poll(async () => await (await fetch(`${url}snapshot`)).json()).toMatchObject({ totals: { suspended: 1 } });
  run.child.stdin?.end();
  expect((await run.ended).code).toBe(2);
});
