import { PassThrough } from 'node:stream';
import { Type } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { formOf } from '../src/coroutine/form.ts';
import { type Answer, ask } from '../src/coroutine/interview.ts';
import { LineReader } from '../src/coroutine/line-reader.ts';
import { dataText, questionText } from '../src/coroutine/question.ts';

/** All that was written. One `read` gives one chunk on newer versions of Node. */
function textOf(stream: { read(): unknown }): string {
  let text = '';
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += String(chunk);
  return text;
}

const person = Type.Object({
  name: Type.String({ title: 'Your name', description: 'as friends say it', minLength: 2 }),
  age: Type.Integer({ minimum: 0 }),
  plan: Type.Union([Type.Literal('free'), Type.Literal(2)], { default: 'free' }),
  news: Type.Boolean(),
  address: Type.Object({ street: Type.String(), zip: Type.Optional(Type.String()) }),
  tags: Type.Optional(Type.Array(Type.String())),
});

interface Asked {
  readonly answer: Answer;
  readonly shown: string;
}

/** Asks one question of what stands in `input`. */
async function put(
  schema: Parameters<typeof formOf>[0] | undefined,
  input: string,
  { isTTY = false, silent = false }: { readonly isTTY?: boolean; readonly silent?: boolean } = {},
): Promise<Asked> {
  const stderr = new PassThrough();
  const stdin = Object.assign(new PassThrough(), { isTTY });
  stdin.end(input);
  const lines = new LineReader({ stdin, stderr }, () => {});
  try {
    const form = schema === undefined ? undefined : formOf(schema);
    const answer = await ask('What?', { action: 'asks', form, lines, stderr, silent });
    return { answer, shown: textOf(stderr) };
  } finally {
    lines.close();
  }
}

describe('a question', () => {
  it('C-1 is a text as it is, the text of an object, or JSON', () => {
    expect(['Who?', { question: 'Who?' }, { prompt: 'Who?' }, { message: 'Who?' }].map(questionText)).toEqual(Array(4).fill('Who?'));
    expect([questionText({ question: 1 }), questionText([1]), questionText(undefined)]).toEqual(['{"question":1}', '[1]', 'undefined']);
  });

  it('C-7 has its decorations on one line', () => {
    expect([dataText(null), dataText({ step: 2, of: { total: 3 }, who: 'Ada' })]).toEqual([undefined, 'step 2 · of {"total":3} · who Ada']);
  });
});

describe('an answer', () => {
  it.each([
    ['12', 12],
    ['{"a":[1]}', { a: [1] }],
    ['"12"', '12'],
    ['null', null],
    ['just text', 'just text'],
    ['', ''],
  ])('without a schema is the value of its JSON, else the text: %s', async (text, value) => {
    expect(await put(undefined, `${text}\n`)).toEqual({ answer: { kind: 'given', value }, shown: 'What?\n' });
  });

  it.each([
    [Type.Number(), '1.5', 1.5],
    [Type.Number({ default: 3 }), '', 3],
    [Type.Boolean(), 'Y', true],
    [Type.Boolean(), 'no', false],
    [Type.String(), '12', '12'],
    [Type.String(), '"12"', '12'],
    [Type.String(), '', ''],
    [Type.Union([Type.Literal(1), Type.Literal('two')]), '1', 1],
    [Type.Array(Type.Number()), '[1,2]', [1, 2]],
    [Type.Union([Type.Number(), Type.Null()]), 'null', null],
    [Type.Unknown(), '{"a":1}', { a: 1 }],
  ])('is what the schema asks for: %o %s', async (schema, text, value) => {
    expect((await put(schema, `${text}\n`)).answer).toEqual({ kind: 'given', value });
  });

  it('of an object is asked field by field, with title, description, kind and default', async () => {
    const { answer, shown } = await put(person, 'Ada\n36\n2\nn\nMain St\n\n["a"]\n');
    expect(answer).toEqual({
      kind: 'given',
      value: { name: 'Ada', age: 36, plan: 2, news: false, address: { street: 'Main St' }, tags: ['a'] },
    });
    expect(shown.split('\n')).toEqual([
      'What?',
      '  Your name (as friends say it; string of length ≥ 2):',
      '  age (integer ≥ 0):',
      '  plan (one of "free" | 2; default "free"):',
      '  news (y or n):',
      '  address.street:',
      '  address.zip (optional):',
      '  tags (array of string, as JSON; optional):',
      '',
    ]);
  });

  it('of a program may be the whole object on one line; defaults are filled', async () => {
    const { answer } = await put(person, '{"name":"Ada","age":1,"news":true,"address":{"street":"x"}}\n', { silent: true });
    expect(answer).toMatchObject({ value: { plan: 'free', address: { street: 'x' } } });
  });

  it('that is wrong is told to a person at once, and asked for again', async () => {
    const { answer, shown } = await put(
      Type.Object({ age: Type.Integer(), password: Type.String({ minLength: 8 }) }),
      'x\n3\nhunter2\nhunter22\n',
      {
        isTTY: true,
      },
    );
    expect(answer).toEqual({ kind: 'given', value: { age: 3, password: 'hunter22' } });
    expect(shown).toContain('`/age` expected integer, got "x"');
    expect(shown).toContain('`/password` expected string of length ≥ 8, got ');
    expect(shown).not.toContain('hunter');
  });

  it('that is wrong ends the run of a program, naming the field', async () => {
    await expect(put(person, 'Ada\nold\n')).rejects.toMatchObject({
      type: 'validation_error',
      message: 'Invalid answer for action asks: `/age` expected integer ≥ 0, got "old"',
    });
    await expect(put(Type.Number(), 'x\n')).rejects.toMatchObject({ message: expect.stringContaining('expected number, got "x"') });
  });

  it('is none when stdin has ended, in the midst of a form too', async () => {
    for (const [schema, input] of [[undefined, ''] as const, [person, 'Ada\n'] as const])
      expect((await put(schema, input)).answer).toEqual({ kind: 'none' });
  });
});

describe('the line reader', () => {
  const open = (terminal: boolean, onInterrupt = (): void => {}): { stdin: PassThrough; stderr: PassThrough; lines: LineReader } => {
    const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
    const stderr = Object.assign(new PassThrough(), { isTTY: terminal });
    return { stdin, stderr, lines: new LineReader({ stdin, stderr }, onInterrupt) };
  };

  it('keeps lines that come together, and the last one without its end', async () => {
    const { stdin, lines } = open(false);
    stdin.end('a\r\nb\n\nc');
    expect([await lines.ask('1'), await lines.ask('2'), await lines.ask('3'), await lines.ask('4'), await lines.ask('5')]).toEqual([
      'a',
      'b',
      '',
      'c',
      undefined,
    ]);
  });

  it('ends a wait when it is closed', async () => {
    const { lines } = open(false);
    const answer = lines.ask('1');
    lines.close();
    expect(await answer).toBeUndefined();
  });

  it('ends a wait on Ctrl-C at a terminal, and tells of it; on Ctrl-D it has ended', async () => {
    let told = 0;
    const { stdin, stderr, lines } = open(true, () => told++);
    const answer = lines.ask('1');
    stdin.write('\u0003');
    expect([await answer, told]).toEqual([undefined, 1]);
    expect(textOf(stderr)).toMatch(/1 .*\n$/s);
    const other = open(true, () => told++);
    const last = other.lines.ask('1');
    other.stdin.write('\u0004');
    expect([await last, told]).toEqual([undefined, 1]);
  });
});
