import type { HeddleError, Outcome } from '@heddle/core';
import { jsonLine } from '../coroutine/step-line.ts';
import { paint } from '../shell/color.ts';
import { errorText } from '../shell/error-text.ts';
import type { Shell } from '../shell/shell.ts';

/** How a console tells what happens to its agent. */
export interface AgentReport {
  /** Each new state, and the first. */
  changed(state: unknown): void;
  /** The state that was asked for. */
  state(state: unknown): void;
  replied(signal: string, outcome: Outcome): void;
  /** A line is wrong, or was not taken. */
  wrong(error: HeddleError): void;
  /** A handler failed. */
  failed(signal: string, error: HeddleError): void;
  ended(outcome: Outcome): void;
}

type Show = (line: string) => void;

/** For a person: results on stdout, all else by `show`. A failed handler is in the log, which a person sees. */
export function createTextReport({ stdout, stderr }: Pick<Shell, 'stdout' | 'stderr'>, show: Show): AgentReport {
  const print = (value: unknown, what: string): void => void stdout.write(jsonLine(value, what, stdout.isTTY === true ? 2 : 0));
  const wrong = (error: HeddleError): void => show(errorText(stderr, error));
  return {
    changed: (state) => show(paint(stderr, 'dim', jsonLine(state, 'The state').trimEnd())),
    state: (state) => print(state, 'The state'),
    replied: (_signal, outcome) => (outcome.ok ? print(outcome.value, 'The reply') : wrong(outcome.error)),
    wrong,
    failed: () => {},
    ended: (outcome) => (outcome.ok ? print(outcome.value, 'The state') : wrong(outcome.error)),
  };
}

/** For a program: each event a line of JSON on stdout. */
export function createJsonReport({ stdout }: Pick<Shell, 'stdout'>): AgentReport {
  const print = (kind: string, event: object): void => void stdout.write(jsonLine({ kind, ...event }, `The event ${kind}`));
  const state = (value: unknown): void => print('state', { state: value });
  return {
    changed: state,
    state,
    replied: (signal, outcome) => {
      const answer = outcome.ok ? { ok: true, value: outcome.value ?? null } : { ok: false, error: outcome.error };
      print('reply', { signal, ...answer });
    },
    wrong: (error) => print('error', { error }),
    failed: (signal, error) => print('error', { signal, error }),
    ended: (outcome) => print('ended', outcome.ok ? { ok: true, state: outcome.value } : { ok: false, error: outcome.error }),
  };
}
