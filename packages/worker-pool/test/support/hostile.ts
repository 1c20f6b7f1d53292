import fc from 'fast-check';

const refuse = (): never => {
  throw new Error('a trap threw');
};

/** A proxy each of whose traps throws. */
export function unreadable(target: object = {}): object {
  return new Proxy(target, {
    get: refuse,
    has: refuse,
    getPrototypeOf: refuse,
    getOwnPropertyDescriptor: refuse,
    ownKeys: refuse,
  });
}

export function revoked(target: object = {}): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** An object one of whose properties throws when read. */
export function withThrowing(key: string, rest: object = {}): object {
  return Object.defineProperty(rest, key, { get: refuse, enumerable: true, configurable: true });
}

/** Makes a value. Never the value itself: fast-check looks into what it is given, and these must not be looked into. */
export type Make = () => unknown;

class Custom {
  readonly callback = (): void => {};
}

/** What no structured clone takes, or what cannot even be read. */
const hostile: fc.Arbitrary<Make> = fc.constantFrom<Make[]>(
  () => () => {},
  () => Symbol('hostile'),
  () => unreadable(),
  () => unreadable([]),
  () => unreadable(() => {}),
  () => revoked(),
  () => revoked([]),
  () => withThrowing('code'),
  () => withThrowing('slice', []),
  () => withThrowing('message', new Error('m')),
  () => withThrowing('stack', new Error('m')),
  () => withThrowing('cause', new Error('m')),
  () => withThrowing('errors', new AggregateError([], 'm')),
  () => withThrowing('name', new TypeError('m')),
  () => Promise.resolve(),
  () => new WeakMap(),
  () => new Custom(),
);

/** Anything at all that can be cloned. */
const tame: fc.Arbitrary<Make> = fc
  .anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true })
  .map((value) => () => value);

interface ErrorParts {
  readonly kind: string;
  readonly message: string;
  readonly cause: Make | undefined;
  readonly errors: readonly Make[];
  readonly props: Readonly<Record<string, Make>>;
}

const KEYS = ['code', 'details', 'type', 'retryable', 'name', 'errors', 'other', '__proto__', 'toJSON'];

/** Errors of all kinds, nested in causes, properties and aggregates, with anything at all inside. */
const anyError: fc.Arbitrary<Make> = fc.letrec<{ error: Make; value: Make }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, tame, hostile, tie('error')),
  error: fc
    .record<ErrorParts>({
      kind: fc.constantFrom('Error', 'TypeError', 'AggregateError', 'plain'),
      message: fc.string(),
      cause: fc.option(tie('value'), { nil: undefined }),
      errors: fc.array(tie('value'), { maxLength: 3 }),
      props: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 4 }),
    })
    .map((parts) => () => makeError(parts)),
})).error;

function makeError({ kind, message, cause, errors, props }: ErrorParts): object {
  const error = bareError(kind, message, errors, cause === undefined ? {} : { cause: cause() });
  for (const [key, make] of Object.entries(props))
    Object.defineProperty(error, key, { value: make(), enumerable: true, configurable: true, writable: true });
  return error;
}

function bareError(kind: string, message: string, errors: readonly Make[], options: ErrorOptions): object {
  switch (kind) {
    case 'Error':
      return new Error(message, options);
    case 'TypeError':
      return new TypeError(message, options);
    case 'AggregateError':
      return new AggregateError(
        errors.map((make) => make()),
        message,
        options,
      );
    default:
      return { message, ...options };
  }
}

/** Anything, hostile or not, by itself or nested. */
export const anyValue: fc.Arbitrary<Make> = fc.oneof(
  hostile,
  anyError,
  tame,
  fc.array(fc.oneof(hostile, tame), { maxLength: 4 }).map((makes) => () => makes.map((make) => make())),
  fc
    .dictionary(fc.string(), fc.oneof(hostile, tame), { maxKeys: 4 })
    .map((makes) => () => Object.fromEntries(Object.entries(makes).map(([key, make]) => [key, make()]))),
);
