const refuse = (): never => {
  throw new Error('a trap threw');
};

/** A proxy each of whose traps throws. */
export function unreadable(): object {
  return new Proxy(
    {},
    {
      get: refuse,
      has: refuse,
      getPrototypeOf: refuse,
      getOwnPropertyDescriptor: refuse,
      ownKeys: refuse,
    },
  );
}

/** A revoked proxy: nothing about it can be asked. */
export function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** An object one of whose properties throws when read. */
export function withThrowing(key: string, rest: object = {}): object {
  return Object.defineProperty({ ...rest }, key, { get: refuse, enumerable: true });
}
