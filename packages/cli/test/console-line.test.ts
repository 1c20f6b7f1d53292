import { expect, it } from 'vitest';
import { parseConsoleLine } from '../src/agent/console-line.ts';

it.each([
  ['', { kind: 'nothing' }],
  ['  state ', { kind: 'state' }],
  ['help', { kind: 'help' }],
  ['stop', { kind: 'stop' }],
  ['add', { kind: 'cast', signal: 'add', data: undefined }],
  ['add {"item": "a b"}', { kind: 'cast', signal: 'add', data: { item: 'a b' } }],
  ['child.exit 5', { kind: 'cast', signal: 'child.exit', data: 5 }],
  ['? count', { kind: 'call', signal: 'count', data: undefined }],
  ['?pick 1', { kind: 'call', signal: 'pick', data: 1 }],
  ['? stop', { kind: 'call', signal: 'stop', data: undefined }],
  ['stop {}', { kind: 'cast', signal: 'stop', data: {} }],
  ['?', { kind: 'wrong', message: 'A signal is expected after `?`, as in `? status`' }],
] as const)('W-1 the line `%s` is read as a word of the console, a cast or a call', (text, line) => {
  expect(parseConsoleLine(text)).toEqual(line);
});

it('W-1 names the signal whose data is no JSON', () => {
  expect(parseConsoleLine('add {x')).toEqual({
    kind: 'wrong',
    message: expect.stringContaining('The data of `add` must be JSON, got `{x`: ') as string,
  });
});
