import { HeddleError, isAgent } from '@heddle/core';
import type { Definition } from '../load-definitions.ts';
import { formatCount } from '../report/duration.ts';
import type { Setting } from './contender.ts';
import { createInline, type Inline, tryInline } from './inline.ts';
import type { Call } from './slice.ts';

/** Rows tried before any is measured. */
const TRIED = 16;

/** What a first look found. */
export interface Probe {
  /** `undefined` where the action does not run on the main thread. */
  readonly inline: Inline | undefined;
  readonly calls: number;
  readonly notes: readonly string[];
}

/**
 * The action, where it is one that runs to its end.
 *
 * @throws HeddleError `invalid_action` for a coroutine and an agent
 */
export function measurable(chosen: Definition): Setting['action'] {
  if (!isAgent(chosen) && chosen.kind === 'plain') return chosen;
  const what = isAgent(chosen) ? 'an agent' : 'a coroutine (its `run` is a generator)';
  throw new HeddleError('invalid_action', `\`${chosen.name}\` is ${what}: only actions that run to their end can be measured`);
}

/**
 * Runs the action before it is measured: on a thread first, where it can be stopped, then inline.
 *
 * @throws the error of the action where every call on a thread fails
 */
export async function probe(setting: Setting, onThread: Call): Promise<Probe> {
  const tried = setting.rows.slice(0, TRIED);
  const errors: HeddleError[] = [];
  for (const row of tried) {
    const outcome = await onThread(row);
    if (!outcome.ok) errors.push(outcome.error);
  }
  const [first] = errors;
  if (first !== undefined && errors.length === tried.length) {
    const which = tried.length === 1 ? 'the first call' : `all of the first ${formatCount(tried.length)} calls`;
    setting.shell.stderr.write(`${which} of \`${setting.action.name}\` failed, so there is nothing to measure:\n`);
    throw first;
  }
  return await probeInline(setting, tried.length, errors.length === 0);
}

async function probeInline({ action, context, rows }: Setting, before: number, expected: boolean): Promise<Probe> {
  const { outcome, inline } = await tryInline(createInline(action, context), rows[0]);
  const calls = before + 1;
  if (!outcome.ok && expected) {
    const note = `Inline was left out, since \`${action.name}\` fails on the main thread: ${outcome.error.message}`;
    return { inline: undefined, calls, notes: [note] };
  }
  const notes = inline.copies
    ? [`\`${action.name}\` changes the params it is given: inline, each call gets a copy, and the copy is in the figures.`]
    : [];
  return { inline, calls, notes };
}
