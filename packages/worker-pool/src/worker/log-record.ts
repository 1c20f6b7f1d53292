import { encodeError } from '../protocol/codec.ts';
import type { LogFields, Redactor } from '../redactor.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** Whether the host's logger wants records of this level. */
export function isLogged(level: string, threshold: string): boolean {
  const wanted = LEVELS.indexOf(threshold);
  // A level of the host logger's own (`silent` among them): only `silent` is known to mean nothing at all.
  return wanted === -1 ? threshold !== 'silent' : LEVELS.indexOf(level) >= wanted;
}

/**
 * Fields and message of a record as they cross: secrets replaced, long values cut, here on the lane, which has the time for it.
 * Never throws: a log record must not fail its task.
 */
export function encodeLogRecord(
  fields: LogFields | undefined,
  message: string | undefined,
  redactor: Redactor,
): readonly [fields: LogFields | undefined, message: string | undefined] {
  try {
    return [encodeFields(fields, redactor), message === undefined ? undefined : redactor.message(String(message))];
  } catch {
    return [{ reason: 'the fields cannot be read' }, undefined];
  }
}

/** Errors among the fields would lose their own properties in a clone; pino's serializers want the whole. */
function encodeFields(fields: LogFields | undefined, redactor: Redactor): LogFields | undefined {
  if (fields === undefined) return undefined;
  if (fields instanceof Error) return { err: encodeLogError(fields, redactor) };
  const encoded = redactor.fields(fields);
  for (const [key, value] of Object.entries(fields)) if (value instanceof Error) encoded[key] = encodeLogError(value, redactor);
  return encoded;
}

function encodeLogError(error: Error, redactor: Redactor): object {
  return { heddleError: redactor.error(encodeError(error)) };
}
