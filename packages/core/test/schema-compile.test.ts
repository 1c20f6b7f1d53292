import { Type } from '@sinclair/typebox';
import { expect, test } from 'vitest';
import { createValidator } from '../src/schema.ts';

test('A-2 a schema that refers to nothing is a config_error that says so, not an error of the compiler', () => {
  expect(() => createValidator(Type.Object({ a: Type.Ref('nobody') }))).toThrow(
    expect.objectContaining({ type: 'config_error', message: expect.stringContaining('nobody') }),
  );
});
