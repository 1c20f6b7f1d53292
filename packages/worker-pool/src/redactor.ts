import type { EncodedError, EncodedValue } from './protocol/codec.ts';

/** What stands in the place of a secret. */
const REDACTED = '[redacted]';
const MAX_TEXT = 2000;
const MAX_MESSAGE = 8000;
const MAX_ITEMS = 100;
const MAX_DEPTH = 8;
const MAX_NODES = 2000;
const MAX_BYTES = 2000;

/** A key whose name ends so, separators and case aside, holds a secret: `dbPassword`, `X-Api-Key`, `set-cookie`. */
const SECRET_ENDINGS = [
  ...['password', 'passwd', 'pwd', 'passphrase', 'passcode', 'secret', 'secrets', 'secretkey', 'token', 'jwt', 'bearer'],
  ...[
    'authorization',
    'cookie',
    'cookies',
    'apikey',
    'accesskey',
    'privatekey',
    'signingkey',
    'encryptionkey',
    'credential',
    'credentials',
  ],
  ...['connectionstring', 'sessionid', 'clientsecret', 'refreshtoken', 'accesstoken', 'idtoken', 'csrf', 'xsrf'],
];

/** Fields of a log record as they are written. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Makes log records fit to be written: what stands under the name of a secret is replaced, long texts and wide or deep values are cut.
 * Guarantees: what was given is never changed; the answer is plain data, Dates and the like, without functions or cycles, bounded in
 * size whatever came. Source: SEMANTICS R-9.
 *
 * Not pino's own `redact`: that takes paths, which the names of fields at an unknown depth are not, and it would not serve a logger that
 * is not pino.
 */
export interface Redactor {
  fields(fields: LogFields): Record<string, unknown>;
  error(error: EncodedError): EncodedError;
  message(message: string): string;
}

/**
 * A redactor. `names` are names of keys beside the well-known ones, matched whole; `false` keeps secrets and only cuts.
 */
export function createRedactor(names: readonly string[] | false): Redactor {
  const own = new Set(names === false ? [] : names.map(bare));
  const isSecret = (key: string, value: unknown): boolean => {
    if (names === false || value === undefined || value === null || typeof value === 'boolean') return false;
    const name = bare(key);
    return own.has(name) || SECRET_ENDINGS.some((ending) => name.endsWith(ending));
  };
  return {
    fields: (fields) => new Walk(isSecret).record(fields, 0),
    error: (error) => new Walk(isSecret).error(error),
    message: (message) => cut(message, MAX_MESSAGE),
  };
}

/** The fault of a `redact` option, if any. */
export function redactFaults(value: unknown): string[] {
  const known = value === undefined || value === false || (Array.isArray(value) && value.every((name) => typeof name === 'string'));
  return known ? [] : ['`redact` must be an array of key names, or `false`'];
}

function bare(key: string): string {
  return key.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more characters)`;
}

/** One way through one record. */
class Walk {
  readonly #isSecret: (key: string, value: unknown) => boolean;
  /** The way down to here: a value that stands twice side by side is no cycle. */
  readonly #down = new Set<object>();
  #left = MAX_NODES;

  constructor(isSecret: (key: string, value: unknown) => boolean) {
    this.#isSecret = isSecret;
  }

  record(given: object, depth: number): Record<string, unknown> {
    return this.#below(given, () => {
      const keys = Object.keys(given);
      const kept = keys.slice(0, MAX_ITEMS).map((key) => [key, this.#field(key, read(given, key), depth)]);
      if (keys.length > MAX_ITEMS) kept.push(['…', `${keys.length - MAX_ITEMS} more`]);
      return Object.fromEntries(kept) as Record<string, unknown>;
    });
  }

  #field(key: string, value: unknown, depth: number): unknown {
    return this.#isSecret(key, value) ? REDACTED : this.#value(value, depth + 1);
  }

  #value(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return cut(value, MAX_TEXT);
    if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
    if (typeof value !== 'object' || value === null) return value;
    if (this.#down.has(value)) return '[circular]';
    if (depth > MAX_DEPTH) return '[too deep]';
    if (--this.#left < 0) return '[too many]';
    try {
      return this.#object(value, depth);
    } catch {
      return '[cannot be read]'; // a proxy that throws when touched
    }
  }

  #object(value: object, depth: number): unknown {
    if (Array.isArray(value)) return this.#list(value, depth);
    if (value instanceof Date || value instanceof RegExp) return value;
    if (value instanceof URL) return cut(String(value), MAX_TEXT);
    if (value instanceof Error) return this.#plainError(value, depth);
    if (value instanceof Map) return this.#map(value, depth);
    if (value instanceof Set) return this.#list([...value], depth);
    const bytes = ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? value.byteLength : 0;
    if (bytes > MAX_BYTES) return `[${value.constructor.name}, ${bytes} bytes]`;
    return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? value : this.record(value, depth);
  }

  #list(values: readonly unknown[], depth: number): unknown[] {
    return this.#below(values, () => {
      const kept = values.slice(0, MAX_ITEMS).map((value) => this.#value(value, depth + 1));
      return values.length > MAX_ITEMS ? [...kept, `… ${values.length - MAX_ITEMS} more`] : kept;
    });
  }

  /** As an object: a Map is `{}` in JSON. */
  #map(map: ReadonlyMap<unknown, unknown>, depth: number): unknown {
    const entries = [...map].map(([key, value]) => [typeof key === 'object' && key !== null ? '[object]' : String(key), value]);
    return this.#below(map, () => this.record(Object.fromEntries(entries) as object, depth));
  }

  /** An error inside a field, told as data: JSON would say nothing of it. */
  #plainError(error: Error, depth: number): unknown {
    const { name, message, stack, cause } = error;
    const told = { name, message, ...(stack === undefined ? {} : { stack }), ...(cause === undefined ? {} : { cause }) };
    return this.#below(error, () => ({ ...this.record(told, depth), ...this.record(error, depth) }));
  }

  error(error: EncodedError): EncodedError {
    const { props, cause, errors } = error;
    return {
      ...error,
      message: cut(error.message, MAX_MESSAGE),
      ...(error.stack === undefined ? {} : { stack: cut(error.stack, MAX_MESSAGE) }),
      ...(props === undefined
        ? {}
        : { props: Object.fromEntries(Object.entries(props).map(([key, value]) => [key, this.#prop(key, value)])) }),
      ...(cause === undefined ? {} : { cause: this.#encoded(cause) }),
      ...(errors === undefined ? {} : { errors: errors.map((inner) => this.#encoded(inner)) }),
    };
  }

  #prop(key: string, value: EncodedValue): EncodedValue {
    const plain = 'data' in value ? value.data : 'set';
    return this.#isSecret(key, plain) ? { text: REDACTED } : this.#encoded(value);
  }

  #encoded(value: EncodedValue): EncodedValue {
    if ('error' in value) return { error: this.error(value.error) };
    return 'data' in value ? { data: this.#value(value.data, 1) } : value;
  }

  #below<T>(value: object, read: () => T): T {
    this.#down.add(value);
    const result = read();
    this.#down.delete(value);
    return result;
  }
}

function read(value: object, key: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[key];
  } catch {
    return '[cannot be read]';
  }
}
