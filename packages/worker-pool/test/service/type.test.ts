import type { ActionContext, RemoteService } from '@heddle/core';
import type { RuntimeOptions } from '@heddle/worker-pool';
import { describe, expectTypeOf, it } from 'vitest';
import { Desk } from '../support/desk.ts';

interface Mixed {
  readonly sync: (a: number, b?: string) => boolean;
  later(id: string): Promise<number | undefined>;
  nested(): Promise<Promise<Date>>;
  optional?(): void;
  readonly text: string;
  readonly data: { readonly inner: () => void };
  then(done: () => void): void;
  toJSON(): string;
  toString(): string;
  [Symbol.dispose](): void;
}

describe('the types of services', () => {
  it('A-9 every method is asynchronous, and nothing but methods is there', () => {
    expectTypeOf<RemoteService<Mixed>>().toEqualTypeOf<{
      readonly sync: (a: number, b?: string) => Promise<boolean>;
      readonly later: (id: string) => Promise<number | undefined>;
      readonly nested: () => Promise<Date>;
      readonly optional: () => Promise<void>;
    }>();
  });

  it('A-9 an augmented `Services` is what `ctx.services` has', () => {
    type Seen = ActionContext['services']['desk'];
    expectTypeOf<Seen['lookup']>().toEqualTypeOf<(id: string) => Promise<number | undefined>>();
    expectTypeOf<Seen['count']>().toEqualTypeOf<() => Promise<number>>();
    expectTypeOf<Seen>().not.toHaveProperty('currency');
    expectTypeOf<ActionContext['services']>().not.toHaveProperty('clerk');
  });

  it('A-9 the option takes what `Services` says, and any other object', () => {
    const desk = new Desk();
    expectTypeOf<{ services: { desk: Desk; clerk: Date } }>().toExtend<RuntimeOptions>();
    expectTypeOf<{ services: Record<never, never> }>().toExtend<RuntimeOptions>();
    expectTypeOf<{ services: { desk: Date } }>().not.toExtend<RuntimeOptions>();
    expectTypeOf<{ services: { clerk: number } }>().not.toExtend<RuntimeOptions>();
    expectTypeOf({ services: { desk } }).toExtend<RuntimeOptions>();
  });
});
