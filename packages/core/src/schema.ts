import type { TSchema } from '@sinclair/typebox';
import type { ValueError } from '@sinclair/typebox/value';
import { describeSchema, describeValue } from './describe.ts';
import { HeddleError } from './error.ts';
import { compileFill } from './fill.ts';
import { typeCompiler, typeValue } from './typebox.ts';

/** One thing wrong with a value: where, what was expected there, what came. */
export interface ValidationFault {
  /** JSON pointer, `''` for the value itself: `/items/0/price`. */
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

/** What a check found: the value with defaults filled in, or every fault. */
export type Validation =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly faults: readonly ValidationFault[] };

/**
 * Checks values against one schema, openly: what the schema does not name passes through untouched.
 * The given value is never mutated; where defaults are filled, the changed parts are copies.
 * Source: SEMANTICS A-3.
 */
export interface Validator {
  /** Never throws: a value that cannot be read (a getter that throws, nested without end) is a fault. */
  validate(value: unknown): Validation;
}

const MAX_FAULTS = 20;

/**
 * Compiles a schema; where code generation is forbidden, falls back to TypeBox's interpreter, same answers.
 *
 * @throws HeddleError `config_error` for a schema that is made of schemas and still makes no sense: a reference to nothing, say
 */
export function createValidator(schema: TSchema): Validator {
  // What faults and defaults need is loaded now: where a task's time counts, nothing may have to be loaded.
  typeValue();
  const check = compileCheck(schema);
  const fill = compileFill(schema);
  return {
    validate(value) {
      try {
        const filled = fill === undefined ? value : fill(value);
        if (check(filled)) return { ok: true, value: filled };
        return { ok: false, faults: faultsOf(schema, filled) };
      } catch (thrown) {
        const received = thrown instanceof RangeError ? 'one nested too deeply' : 'one that throws when read';
        return { ok: false, faults: [{ path: '', expected: 'a value that can be read', received }] };
      }
    },
  };
}

function compileCheck(schema: TSchema): (value: unknown) => boolean {
  try {
    const compiled = typeCompiler().TypeCompiler.Compile(schema);
    return (value) => compiled.Check(value);
  } catch (error) {
    // `--disallow-code-generation-from-strings` makes the compiler throw an EvalError.
    if (!(error instanceof EvalError)) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new HeddleError('config_error', `A schema cannot be compiled: ${reason}`, { cause: error });
    }
    const { Value } = typeValue();
    return (value) => Value.Check(schema, value);
  }
}

function faultsOf(schema: TSchema, value: unknown): ValidationFault[] {
  const { Value, ValueErrorType, ValuePointer } = typeValue();
  const faults: ValidationFault[] = [];
  const seen = new Set<string>();
  for (const fault of Value.Errors(schema, value)) {
    // One path often has several errors (missing, then of the wrong type): the first says it. That of an intersection only sums up its parts'.
    if (seen.has(fault.path) || (fault.type === ValueErrorType.Intersect && faults.length > 0)) continue;
    seen.add(fault.path);
    // Not `fault.value`, which for an unevaluated key is the object around it.
    const received = describeValue(ValuePointer.Get(value, fault.path), fault.path);
    faults.push({ path: fault.path, expected: expectedAt(fault), received });
    if (faults.length === MAX_FAULTS) break;
  }
  return faults;
}

function expectedAt({ type, schema, message }: ValueError): string {
  const { ValueErrorType } = typeValue();
  // TypeBox gives the schema of the object around the key here.
  if (type === ValueErrorType.ObjectAdditionalProperties || type === ValueErrorType.IntersectUnevaluatedProperties) return 'no such key';
  return describeSchema(schema, message.replace(/^Expected /, ''));
}
