import { expect, it } from 'vitest';
import { fixture, heddle } from './support/process.ts';

it('W-1 heddle run takes the signals to an agent from a pipe', async () => {
  const stdin = 'add {"item":"tea","times":2}\n? count\n';
  expect(await heddle(['run', fixture('basket.js'), '--action', 'basket'], { stdin })).toMatchObject({
    code: 0,
    out: '3\n{"items":["bag","tea","tea"],"status":"open"}\n',
  });
});

it('W-1 heddle run imports an agent of a .ts module once, beside its thread', async () => {
  const { code, out, err } = await heddle(['run', fixture('typed-agent.ts')], { stdin: '? toggle\n' });
  expect([code, out]).toEqual([0, '{"on":true}\n{"on":true}\n']);
  // Once here and once in the thread.
  expect(err.match(/^loaded$/gm)).toHaveLength(2);
});
