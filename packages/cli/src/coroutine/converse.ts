import { type Coroutine, HeddleError, type Step, type SuspendedStep, type TerminalStep } from '@heddle/core';
import { paint } from '../shell/color.ts';
import type { Signal } from '../shell/exit-code.ts';
import type { Shell } from '../shell/shell.ts';
import type { Form } from './form.ts';
import { ask, type Interview } from './interview.ts';
import { LineReader } from './line-reader.ts';
import { dataText, questionText } from './question.ts';
import { stepLine } from './step-line.ts';

/** What a conversation is held with. */
export interface Conversation {
  readonly form: Form | undefined;
  /** Steps are lines of JSON on stdout, and no question is shown. */
  readonly json: boolean;
  readonly shell: Shell;
  /** Told of Ctrl-C where it comes as a key. */
  readonly interrupt: (signal: Signal) => void;
  /** Clears what is drawn of its progress. */
  readonly endProgress: () => void;
}

const NO_LIMIT = { timeoutMs: Number.POSITIVE_INFINITY };

/**
 * Asks what a coroutine asks, resumes it with the answers, and gives its last step.
 *
 * Guarantees: it has ended and cleaned up by then, also where this throws.
 *
 * @throws HeddleError `invalid_input` when stdin ends while it asks, `validation_error` for a wrong answer that no person gave
 */
export async function converse(
  start: (ended: () => void) => Coroutine<unknown, unknown, unknown>,
  parts: Conversation,
): Promise<TerminalStep> {
  const { json, shell, interrupt, endProgress } = parts;
  let lines: LineReader | undefined;
  // Opened at the first question: a coroutine that asks nothing leaves stdin alone.
  const open = (): LineReader => {
    lines ??= new LineReader(shell, () => interrupt('SIGINT'));
    return lines;
  };
  // Nobody needs to answer what has ended: its thread may be lost while it waits.
  const coroutine = start(() => lines?.close());
  try {
    let step = await coroutine.next(undefined, NO_LIMIT);
    for (;;) {
      endProgress();
      if (json) shell.stdout.write(stepLine(step));
      if (step.kind !== 'suspended') return step;
      step = await answer(step, coroutine, open(), parts);
    }
  } catch (error) {
    await coroutine.cancel(error instanceof Error ? error.message : String(error));
    // The reader of the steps is told of their end, whatever it was.
    if (json) shell.stdout.write(stepLine(await coroutine.next(undefined, NO_LIMIT)));
    throw error;
  } finally {
    lines?.close();
  }
}

async function answer(
  step: SuspendedStep,
  coroutine: Coroutine<unknown, unknown, unknown>,
  lines: LineReader,
  { form, json, shell: { stderr } }: Conversation,
): Promise<Step> {
  const interview: Interview = { action: coroutine.action.name, form, lines, stderr, silent: json };
  const data = dataText(step.data);
  if (data !== undefined && !json) stderr.write(`${paint(stderr, 'dim', data)}\n`);
  const given = await ask(questionText(step.value), interview);
  if (coroutine.state !== 'suspended') return await coroutine.next(undefined, NO_LIMIT);
  if (given.kind === 'given') return await coroutine.next(given.value, NO_LIMIT);
  throw new HeddleError('invalid_input', `stdin ended while action ${coroutine.action.name} was asking: ${questionText(step.value)}`);
}
