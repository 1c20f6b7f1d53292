import { encodeError } from '../protocol/codec.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** Whether the host's logger wants records of this level. */
export function isLogged(level: string, threshold: string): boolean {
  const wanted = LEVELS.indexOf(threshold);
  // A level of the host logger's own (`silent` among them): only `silent` is known to mean nothing at all.
  return wanted === -1 ? threshold !== 'silent' : LEVELS.indexOf(level) >= wanted;
}

/** Errors among the fields would lose their own properties in a clone; pino's serializers want the whole. */
export function encodeLogFields(fields: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> | undefined {
  if (fields === undefined) return undefined;
  if (fields instanceof Error) return { err: { heddleError: encodeError(fields) } };
  const entries = Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? { heddleError: encodeError(value) } : value]);
  return Object.fromEntries(entries) as Readonly<Record<string, unknown>>;
}
