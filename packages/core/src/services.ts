/**
 * The host objects that actions may call, by name. Empty: you say which there are, once, where you define them. Augment the package you
 * import from, `heddle` or `@heddle/core`. Source: SEMANTICS A-9.
 *
 * @example
 * ```ts
 * declare module 'heddle' {
 *   interface Services {
 *     readonly prices: PriceService
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: users add to it
export interface Services {}

/** Never methods of a service, whatever the object has: what every object has, and what would make a proxy something it is not. */
type NotCalled = keyof typeof Object.prototype | '__proto__' | 'constructor' | 'prototype' | 'then' | 'toJSON';

type Method = (...args: never) => unknown;

/**
 * A host object as an action sees it: its methods, each of them asynchronous. What is no method is left out. Of an overloaded method the
 * last signature is seen.
 */
export type RemoteService<S> = {
  readonly [K in keyof S as NonNullable<S[K]> extends Method ? Exclude<K, symbol | NotCalled> : never]-?: NonNullable<S[K]> extends (
    ...args: infer A
  ) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;
};

/** `ctx.services`: the host objects of {@link Services}, each as a {@link RemoteService}. */
export type RemoteServices = { readonly [N in keyof Services]: RemoteService<Services[N]> };
