import { HeddleError } from '@heddle/core';
import { isRecord } from '@heddle/core/engine';
import type { Isolation } from '@heddle/worker-pool';
import { parseDuration } from '../report/duration.ts';

/** A duration option's value, in milliseconds. @throws Error saying what was expected */
export function durationValue(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error('expected a duration such as 500, 500ms, 2s or 1m');
  return ms;
}

/** A count option's value. @throws Error saying what was expected */
export function countValue(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error('expected a whole number, 0 or more');
  return Number(text);
}

/** As {@link countValue}, but not 0. @throws Error saying what was expected */
export function positiveValue(text: string): number {
  if (!/^\d*[1-9]\d*$/.test(text)) throw new Error('expected a whole number, 1 or more');
  return Number(text);
}

/** A port, 0 for any that is free. @throws Error saying what was expected */
export function portValue(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 65_535) throw new Error('expected a port, 0 to 65535');
  return Number(text);
}

/** What the lanes of a command are. @throws Error saying what was expected */
export function isolationValue(text: string): Isolation {
  if (text !== 'inline' && text !== 'thread' && text !== 'process') throw new Error('expected thread, process or inline');
  return text;
}

/** The isolation that was asked for, as an option of a runtime. */
export function isolationOption(options: Readonly<Record<string, unknown>>): { readonly isolation?: Isolation } {
  const isolation = textOption(options, 'isolation');
  return isolation === undefined ? {} : { isolation: isolationValue(isolation) };
}

/** The JSON of an option. @throws HeddleError `invalid_input` naming the option */
export function jsonValue(option: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = `write it in single quotes, as in ${option} '{"id":1}'`;
    throw new HeddleError('invalid_input', `\`${option}\` expected JSON, got \`${text}\`: ${reason} (${hint})`);
  }
}

/** The JSON object of an option; `{}` when it was not given. @throws HeddleError `invalid_input` naming the option */
export function objectValue(option: string, text: string | undefined): Readonly<Record<string, unknown>> {
  const value = text === undefined ? {} : jsonValue(option, text);
  if (isRecord(value)) return value;
  throw new HeddleError('invalid_input', `\`${option}\` expected a JSON object, got \`${text}\``);
}

/** A text option; `undefined` when it was not given. */
export function textOption(options: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** A number option; `undefined` when it was not given. */
export function numberOption(options: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = options[name];
  return typeof value === 'number' ? value : undefined;
}

/** A flag. */
export function flagOption(options: Readonly<Record<string, unknown>>, name: string): boolean {
  return options[name] === true;
}
