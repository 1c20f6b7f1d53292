import { HeddleError } from '@heddle/core';
import type { ValidationFault } from '@heddle/core/validation';
import { paint } from '../shell/color.ts';
import { faultText } from '../shell/error-text.ts';
import type { Screen } from '../shell/shell.ts';
import { freeValue, objectIn } from './answer.ts';
import { type Field, type Form, objectOf } from './form.ts';
import type { LineReader } from './line-reader.ts';

/** An answer, or that there is none to be had. */
export type Answer = { readonly kind: 'given'; readonly value: unknown } | { readonly kind: 'none' };

/** Whom a question is put to, and how. */
export interface Interview {
  readonly action: string;
  /** `undefined` = the action says nothing of what may resume it. */
  readonly form: Form | undefined;
  readonly lines: LineReader;
  readonly stderr: Screen;
  /** No question is shown: a program reads the steps. */
  readonly silent: boolean;
}

const NONE: Answer = { kind: 'none' };

/**
 * Puts one question. A person who answers wrongly is told so and asked again.
 *
 * @throws HeddleError `validation_error` for a wrong answer that no person gave
 */
export async function ask(question: string, interview: Interview): Promise<Answer> {
  const { form } = interview;
  if (form === undefined) return await askFreely(question, interview);
  for (;;) {
    const answer = form.isObject ? await askFields(question, form, interview) : await askOne(question, form, interview);
    if (answer.kind === 'none') return NONE;
    const checked = form.whole.validate(answer.value);
    if (checked.ok) return { kind: 'given', value: checked.value };
    refuse(checked.faults, interview);
  }
}

async function askFreely(question: string, { lines, stderr, silent }: Interview): Promise<Answer> {
  const text = await lines.ask(silent ? silentPrompt(lines) : paint(stderr, 'strong', question));
  return text === undefined ? NONE : { kind: 'given', value: freeValue(text) };
}

async function askOne(question: string, { fields: [field] }: Form, interview: Interview): Promise<Answer> {
  const { lines, stderr, silent } = interview;
  const hint = field === undefined || field.hint === '' ? '' : ` ${paint(stderr, 'dim', `(${field.hint})`)}`;
  const text = await lines.ask(silent ? silentPrompt(lines) : `${paint(stderr, 'strong', question)}${hint}`);
  return text === undefined ? NONE : { kind: 'given', value: field?.read(text) };
}

async function askFields(question: string, { fields }: Form, interview: Interview): Promise<Answer> {
  const { lines, stderr, silent } = interview;
  if (!silent) stderr.write(`${paint(stderr, 'strong', question)}\n`);
  const values: (readonly [Field, unknown])[] = [];
  for (const field of fields) {
    let value: unknown;
    for (;;) {
      const text = await lines.ask(silent ? silentPrompt(lines) : fieldPrompt(field, stderr));
      if (text === undefined) return NONE;
      // A program may answer all of it at once.
      const whole = values.length === 0 && !lines.interactive ? objectIn(text) : undefined;
      if (whole !== undefined) return { kind: 'given', value: whole };
      value = field.read(text);
      const faults = field.faultsOf(value);
      if (faults.length === 0) break;
      refuse(faults, interview);
    }
    values.push([field, value]);
  }
  return { kind: 'given', value: objectOf(values) };
}

function fieldPrompt({ label, description, hint }: Field, stderr: Screen): string {
  const told = [description, hint].filter((text) => text !== '').join('; ');
  return `  ${label}${told === '' ? '' : ` ${paint(stderr, 'dim', `(${told})`)}`}:`;
}

/** A person who drives it by JSON still has to see that it waits. */
function silentPrompt({ interactive }: LineReader): string {
  return interactive ? '>' : '';
}

/** Tells a person; ends the run of a program. */
function refuse(faults: readonly ValidationFault[], { action, lines, stderr }: Interview): void {
  if (lines.interactive) {
    for (const fault of faults) stderr.write(`  ${paint(stderr, 'bad', textOf(fault))}\n`);
    return;
  }
  const list = faults.map(textOf).join('; ');
  throw new HeddleError('validation_error', `Invalid answer for action ${action}: ${list}`, {
    details: { action, what: 'answer', faults },
  });
}

function textOf(fault: ValidationFault): string {
  const { expected, received, path } = fault;
  return path === '' ? `expected ${expected}, got ${received}` : faultText(fault);
}
