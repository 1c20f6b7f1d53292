import { type HeddleError, isHeddleError } from '@heddle/core';

/** Characters of a value, of an error, of a line. */
const MAX_VALUE = 4000;
const MAX_ERROR = 8000;
const MAX_LINE = 200;
const MAX_CAUSES = 5;

/** A redacted value as text: JSON, with words for what JSON has none. */
export function valueText(value: unknown): string {
  return cut(jsonText(value), MAX_VALUE);
}

/** A value on a line. */
export function lineText(text: string): string {
  return cut(text.replaceAll(/\s+/g, ' '), MAX_LINE);
}

function jsonText(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (typeof value === 'string') return JSON.stringify(value);
  try {
    return JSON.stringify(value, replaced, 2) ?? String(value);
  } catch {
    return '[cannot be shown]';
  }
}

function replaced(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof RegExp) return String(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.constructor.name}, ${value.byteLength} bytes]`;
  return value;
}

/** An error with its causes and their stacks. `redact` goes over what it holds beside its message. */
export function errorText(error: unknown, redact: (value: unknown) => unknown): string {
  const lines: string[] = [];
  let cause: unknown = error;
  for (let depth = 0; cause !== undefined && depth < MAX_CAUSES; depth++) {
    lines.push(`${depth === 0 ? '' : 'caused by '}${oneError(cause, redact)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return cut(lines.join('\n\n'), MAX_ERROR);
}

function oneError(error: unknown, redact: (value: unknown) => unknown): string {
  if (isHeddleError(error)) return `${error.type}: ${error.message}${detailsText(error, redact)}`;
  if (!(error instanceof Error)) return valueText(redact(error));
  const { name, message, stack } = error;
  return stack?.includes(message) === true ? stack : `${name}: ${message}`;
}

function detailsText({ details }: HeddleError, redact: (value: unknown) => unknown): string {
  return Object.keys(details).length === 0 ? '' : `\n${valueText(redact(details))}`;
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more characters)`;
}
