import { HeddleError, isHeddleError, type Step } from '@heddle/core';

/**
 * A step as a line of JSON, `kind` and `seq` first. An Error in it is an object with `name`, `message`, `stack` and its own properties.
 *
 * @throws HeddleError `execution_error` for what is no JSON
 */
export function stepLine(step: Step): string {
  const { kind, seq, ...rest } = step;
  return jsonLine({ kind, seq, ...rest }, `The ${kind} step`);
}

/**
 * A value as a line of JSON; as several for eyes, where `indent` is given.
 *
 * @throws HeddleError `execution_error` for what is no JSON
 */
export function jsonLine(value: unknown, what: string, indent = 0): string {
  try {
    // `undefined` has no JSON; a value that is not there is written as null.
    return `${JSON.stringify(value, errorAsObject, indent) ?? 'null'}\n`;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new HeddleError('execution_error', `${what} cannot be written as JSON: ${reason}`, { retryable: false });
  }
}

function errorAsObject(_key: string, value: unknown): unknown {
  // A HeddleError was an object before it came here: it has a `toJSON`.
  if (!(value instanceof Error) || isHeddleError(value)) return value;
  const { name, message, stack } = value;
  return { ...value, name, message, stack };
}
