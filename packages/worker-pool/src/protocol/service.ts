import type { EncodedError } from './codec.ts';

/** One call of a service, by the task that holds the slot. */
export type ServiceCall = readonly [slot: number, generation: number, service: string, method: string, args: readonly unknown[]];

export const ANSWER_VALUE = 0;
export const ANSWER_ERROR = 1;
/** Never on the wire: the call did not leave its thread, because an argument does not clone. */
export const ANSWER_UNSENT = 2;

/** What became of a call. */
export type ServiceAnswer =
  | readonly [form: typeof ANSWER_VALUE, value: unknown]
  | readonly [form: typeof ANSWER_ERROR, error: EncodedError]
  | readonly [form: typeof ANSWER_UNSENT, cause: unknown];

/** Reads a call; `undefined` for anything else. Code in a thread can send what it likes. */
export function parseServiceCall(value: unknown): ServiceCall | undefined {
  if (!Array.isArray(value) || value.length !== 5) return undefined;
  const [slot, generation, service, method, args] = value as unknown[];
  if (!Number.isInteger(slot) || !Number.isInteger(generation)) return undefined;
  if (typeof service !== 'string' || typeof method !== 'string' || !Array.isArray(args)) return undefined;
  return value as unknown as ServiceCall; // every part was checked
}
