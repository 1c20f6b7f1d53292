import { HeddleError } from '@heddle/core';
import { type ServiceCaller, serviceCaller } from '@heddle/worker-pool';

/** What a desk's class inherits. */
class Counter {
  #count = 0;

  count(): number {
    return ++this.#count;
  }
}

/** A host object with everything that a service may have, and more. */
export class Desk extends Counter {
  readonly currency: string = 'EUR';
  readonly #prices: Map<string, number> = new Map([['tea', 450]]);
  readonly #askers: (typeof serviceCaller)[];
  /** Who has called, in order. */
  readonly callers: ServiceCaller[] = [];
  readonly #waiting = new Map<string, (value: string) => void>();

  /** `askers`: every copy of the package that may be running the desk. */
  constructor(...askers: (typeof serviceCaller)[]) {
    super();
    this.#askers = [serviceCaller, ...askers];
  }

  get broken(): () => void {
    throw new RangeError('the getter broke');
  }

  lookup(id: string): number | undefined {
    return this.#prices.get(id);
  }

  async lookupLater(id: string): Promise<number | undefined> {
    await Promise.resolve();
    return this.lookup(id);
  }

  echo<T>(value: T): T {
    return value;
  }

  add(a: number, b: number): number {
    return a + b;
  }

  /** Writes down who calls, after a wait as well. */
  async asks(): Promise<{ readonly taskId: string | undefined; readonly action: string | undefined }> {
    const first = this.#caller();
    await Promise.resolve();
    const caller = this.#caller();
    if (caller !== undefined && caller === first) this.callers.push(caller);
    return { taskId: caller?.taskId, action: caller?.action };
  }

  #caller(): ServiceCaller | undefined {
    return this.#askers.map((ask) => ask()).find((caller) => caller !== undefined);
  }

  /** Answers when the desk is told to. */
  waits(at: string): Promise<string> {
    const caller = this.#caller();
    if (caller !== undefined) this.callers.push(caller);
    return new Promise((resolve) => this.#waiting.set(at, resolve));
  }

  /** What waits here. */
  get waiting(): string[] {
    return [...this.#waiting.keys()];
  }

  release(at: string): boolean {
    this.#waiting.get(at)?.(at);
    return this.#waiting.delete(at);
  }

  fails(how: string): unknown {
    throw FAILURES[how]?.();
  }

  rejects(): Promise<never> {
    return Promise.reject(new TypeError('it was rejected'));
  }

  gives(what: string): unknown {
    return GIFTS[what]?.();
  }
}

const FAILURES: Readonly<Record<string, () => unknown>> = {
  rich: () => Object.assign(new RangeError('no such price', { cause: new Error('behind it') }), { code: 'E_PRICE', row: 7 }),
  heddle: () => new HeddleError('limit_exceeded', 'too many', { details: { limit: 3 } }),
  null: () => null,
  undefined: () => undefined,
  string: () => 'just text',
  object: () => ({ code: 'E_PLAIN', retryable: false }),
  function: () => () => {},
  proxy: () => new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse }),
};

const GIFTS: Readonly<Record<string, () => unknown>> = {
  function: () => ({ deep: [{ fn: () => {} }] }),
  symbol: () => Symbol('s'),
  getter: () => Object.defineProperty({}, 'broken', { enumerable: true, get: refuse }),
  proxy: () => new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse }),
  thenable: () => Object.defineProperty({}, 'then', { get: refuse }),
  map: () => new Map([['a', new Date(0)]]),
  nothing: () => undefined,
};

function refuse(): never {
  throw new Error('it cannot be read');
}

declare module '@heddle/core' {
  interface Services {
    readonly desk: Desk;
  }
}
