import { serialize } from 'node:v8';
import { type Failure, fail, HeddleError, type HeddleErrorType, isHeddleError, type Outcome, ok } from '@heddle/core';
import { ERROR_TYPES } from '@heddle/core/engine';
import { FORM_ERROR, FORM_ERROR_DIRECTIVE, FORM_OK, FORM_OK_DIRECTIVE, FORM_STEP, FORM_SUSPENDED } from './output.ts';
import { type StepKind, StepMark, SUSPENDED } from './step.ts';

/** A value an error carried, made fit to cross: cloneable data as it is, errors as {@link EncodedError}, the rest in words. */
export type EncodedValue = { readonly data: unknown } | { readonly error: EncodedError } | { readonly text: string };

/** An error as it crosses: plain data, bounded in size and depth. Source: SEMANTICS R-8. */
export interface EncodedError {
  /** Of a HeddleError, its type; else absent. */
  readonly type?: HeddleErrorType;
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly retryable?: boolean;
  readonly props?: Readonly<Record<string, EncodedValue>>;
  readonly cause?: EncodedValue;
  readonly errors?: readonly EncodedValue[];
}

const MAX_DEPTH = 8;
const MAX_TEXT = 16_384;
const MAX_PROPS = 64;
const MAX_ERRORS = 64;
const MAX_DATA_BYTES = 65_536;
const UNREADABLE = '(cannot be read)';
const MAX_VALUES = 512;
const OWN_FIELDS: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'errors', 'type', 'code', 'retryable']);
const TELLING_FIELDS: ReadonlySet<string> = new Set(['type', 'code', 'retryable']);

/**
 * Encodes an error for another thread: name, message, stack, code, own properties, cause chain, `AggregateError.errors`.
 * Guarantees: never throws, whatever getters and proxies do; cycles end in words; the answer always clones.
 */
export function encodeError(error: unknown): EncodedError {
  return encode(error, 0, { down: new Set(), left: MAX_VALUES });
}

/** How far an encoding has come. */
interface Walk {
  /** The way down to here, not all that was met: an error that stands twice side by side is no cycle. */
  readonly down: Set<unknown>;
  /** Values that may still be encoded: parts that stand twice at each level would make a whole without end. */
  left: number;
}

function encode(error: unknown, depth: number, walk: Walk): EncodedError {
  walk.down.add(error);
  const heddle = isHeddleError(error);
  const name = textOf(error, 'name') ?? 'Error';
  const message = textOf(error, 'message') ?? '';
  const stack = textOf(error, 'stack');
  const cause = read(error, 'cause');
  const errors = listOf(read(error, 'errors'));
  const props = encodeProps(error, heddle, depth, walk);
  const encoded = {
    ...(heddle ? { type: error.type, retryable: error.retryable } : {}),
    name,
    message,
    ...(stack === undefined ? {} : { stack }),
    ...(props === undefined ? {} : { props }),
    ...(cause === undefined ? {} : { cause: encodeValue(cause, depth + 1, walk) }),
    ...(errors === undefined ? {} : { errors: errors.map((inner) => encodeValue(inner, depth + 1, walk)) }),
  };
  walk.down.delete(error);
  return encoded;
}

function encodeProps(error: unknown, heddle: boolean, depth: number, walk: Walk): Record<string, EncodedValue> | undefined {
  const props: Record<string, EncodedValue> = Object.create(null);
  let count = 0;
  for (const key of propKeys(error, heddle)) {
    const value = read(error, key);
    if (value === undefined || typeof value === 'function') continue;
    props[key] = encodeValue(value, depth + 1, walk);
    if (++count === MAX_PROPS) break;
  }
  return count === 0 ? undefined : { ...props };
}

/** A HeddleError's type, code and retryable are told by its type; any other error's are its own. A class may give it its `code`. */
function propKeys(error: unknown, heddle: boolean): string[] {
  const keys = ownKeys(error).filter((key) => !OWN_FIELDS.has(key) || (!heddle && TELLING_FIELDS.has(key)));
  const code = heddle || keys.includes('code') ? undefined : read(error, 'code');
  return typeof code === 'string' || typeof code === 'number' ? ['code', ...keys] : keys;
}

function encodeValue(value: unknown, depth: number, walk: Walk): EncodedValue {
  if (typeof value === 'string') return { data: cut(value) };
  if (typeof value === 'function' || typeof value === 'symbol') return { text: `[${typeof value}]` };
  if (typeof value !== 'object' || value === null) return { data: value };
  if (walk.down.has(value)) return { text: '[circular]' };
  if (depth > MAX_DEPTH) return { text: '[too deep]' };
  if (--walk.left < 0) return { text: '[too many]' };
  if (isErrorLike(value)) return { error: encode(value, depth, walk) };
  return encodeData(value);
}

/** Plain data crosses by structured clone; what does not clone, or is too large, is told in words. */
function encodeData(value: object): EncodedValue {
  try {
    const copy: unknown = structuredClone(value);
    return sizeOf(copy) > MAX_DATA_BYTES ? { text: `[${className(value)}, too large]` } : { data: copy };
  } catch {
    return { text: `[${className(value)}, does not clone]` };
  }
}

function sizeOf(copy: unknown): number {
  try {
    return serialize(copy).byteLength;
  } catch {
    return 0; // shared memory is among it, which is not copied
  }
}

/** The error as the host gives it out. A HeddleError comes back as one; anything else as an Error with its name, stack, properties and cause. */
export function decodeError(encoded: EncodedError): Error {
  const { type, retryable } = encoded;
  const known = type !== undefined && ERROR_TYPES.includes(type);
  const error = known ? decodeHeddleError(type, encoded, retryable) : decodePlainError(encoded);
  if (encoded.stack !== undefined) define(error, 'stack', encoded.stack);
  return error;
}

function decodeHeddleError(type: HeddleErrorType, encoded: EncodedError, retryable: boolean | undefined): HeddleError {
  const details = encoded.props?.['details'];
  return new HeddleError(type, encoded.message, {
    ...(encoded.cause === undefined ? {} : { cause: decodeValue(encoded.cause) }),
    ...(details === undefined ? {} : { details: decodeDetails(details) }),
    ...(retryable === undefined ? {} : { retryable }),
  });
}

function decodeDetails(details: EncodedValue): Readonly<Record<string, unknown>> {
  const value = decodeValue(details);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : { value };
}

function decodePlainError(encoded: EncodedError): Error {
  const error =
    encoded.errors === undefined ? new Error(encoded.message) : new AggregateError(encoded.errors.map(decodeValue), encoded.message);
  if (encoded.name !== error.name) define(error, 'name', encoded.name);
  if (encoded.cause !== undefined) define(error, 'cause', decodeValue(encoded.cause));
  for (const [key, value] of Object.entries(encoded.props ?? {})) define(error, key, decodeValue(value), true);
  return error;
}

function decodeValue(value: EncodedValue): unknown {
  if ('error' in value) return decodeError(value.error);
  return 'data' in value ? value.data : value.text;
}

/** An outcome's form and payload, as it goes into a batch. */
export function encodeOutcome(outcome: Outcome): readonly [form: number, payload: unknown] {
  const { directive } = outcome;
  if (StepMark.is(directive)) return encodeStep(outcome, directive);
  if (outcome.ok) return directive === undefined ? [FORM_OK, outcome.value] : [FORM_OK_DIRECTIVE, [outcome.value, directive]];
  const error = encodeError(outcome.error);
  return directive === undefined ? [FORM_ERROR, error] : [FORM_ERROR_DIRECTIVE, [error, directive]];
}

function encodeStep(outcome: Outcome, { kind, data }: StepMark): readonly [form: number, payload: unknown] {
  if (outcome.ok && data === null) return [FORM_SUSPENDED, outcome.value];
  return [FORM_STEP, [kind, outcome.ok ? outcome.value : encodeError(outcome.error), data]];
}

function decodeStep([kind, payload, data]: readonly [StepKind, unknown, unknown]): Outcome {
  const mark = new StepMark(kind, data);
  return kind === 'suspended' ? ok(payload, mark) : fail(decodeError(payload as EncodedError), mark); // as `encodeStep` wrote it
}

/** Reads an outcome back. */
export function decodeOutcome(form: unknown, payload: unknown): Outcome {
  // The writer is `encodeOutcome` of the same version.
  switch (form) {
    case FORM_OK:
      return ok(payload);
    case FORM_OK_DIRECTIVE:
      return ok(...(payload as [unknown, unknown]));
    case FORM_ERROR:
      return fail(decodeError(payload as EncodedError));
    case FORM_ERROR_DIRECTIVE:
      return decodeDirected(payload as [EncodedError, unknown]);
    case FORM_SUSPENDED:
      return ok(payload, SUSPENDED);
    case FORM_STEP:
      return decodeStep(payload as [StepKind, unknown, unknown]);
    default:
      return fail(new HeddleError('internal_error', `A lane sent an outcome of unknown form ${String(form)}`));
  }
}

function decodeDirected([error, directive]: [EncodedError, unknown]): Failure {
  return fail(decodeError(error), directive);
}

/** Whether a value is an error. Never throws: a proxy may not say what it is. */
export function isErrorLike(value: unknown): value is Error {
  try {
    return value instanceof Error || (typeof DOMException !== 'undefined' && value instanceof DOMException);
  } catch {
    return false;
  }
}

function read(value: unknown, key: string): unknown {
  try {
    return (value as Record<string, unknown> | null)?.[key];
  } catch {
    return UNREADABLE;
  }
}

/** The items of an array, not too many; of anything else, none. */
function listOf(value: unknown): unknown[] | undefined {
  try {
    if (!Array.isArray(value)) return undefined;
    return Array.from({ length: Math.min(value.length, MAX_ERRORS) }, (_, index) => read(value, String(index)));
  } catch {
    return undefined; // a proxy that does not say what it is
  }
}

function textOf(error: unknown, key: string): string | undefined {
  const value = read(error, key);
  return typeof value === 'string' ? cut(value) : undefined;
}

function ownKeys(value: unknown): string[] {
  try {
    return typeof value === 'object' && value !== null ? Object.keys(value) : [];
  } catch {
    return [];
  }
}

function className(value: object): string {
  const made = read(value, 'constructor');
  const name = typeof made === 'function' ? read(made, 'name') : undefined;
  return typeof name === 'string' && name !== '' ? cut(name) : 'object';
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}… (${text.length - MAX_TEXT} more characters)`;
}

function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}
