import type { TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { Value } from '@sinclair/typebox/value';
import { describeSchema, describeValue } from './describe.ts';

/** One thing wrong with a value: where, what was expected there, what came. */
export interface ValidationFault {
  /** JSON pointer, `''` for the value itself: `/items/0/price`. */
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

/** What a check found: the value with defaults filled in, or every fault. */
export type Validation = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly faults: readonly ValidationFault[] };

/**
 * Checks values against one schema, openly: what the schema does not name passes through untouched.
 * The given value is never mutated; where defaults are filled, the changed parts are copies.
 * Source: SEMANTICS A-3.
 */
export interface Validator {
  validate(value: unknown): Validation;
}

const MAX_FAULTS = 20;

/** Compiles a schema; where code generation is forbidden, falls back to TypeBox's interpreter, same answers. */
export function createValidator(schema: TSchema): Validator {
  const check = compileCheck(schema);
  const fill = compileFill(schema);
  return {
    validate(value) {
      const filled = fill === undefined ? value : fill(value);
      if (check(filled)) return { ok: true, value: filled };
      return { ok: false, faults: faultsOf(schema, filled) };
    },
  };
}

function compileCheck(schema: TSchema): (value: unknown) => boolean {
  try {
    const compiled = TypeCompiler.Compile(schema);
    return (value) => compiled.Check(value);
  } catch (error) {
    // `--disallow-code-generation-from-strings` makes the compiler throw an EvalError; any other fault of a schema shows at once here.
    Value.Check(schema, undefined);
    if (!(error instanceof EvalError)) throw error;
    return (value) => Value.Check(schema, value);
  }
}

function faultsOf(schema: TSchema, value: unknown): ValidationFault[] {
  const faults: ValidationFault[] = [];
  const seen = new Set<string>();
  for (const fault of Value.Errors(schema, value)) {
    // One path often has several errors (missing, then of the wrong type): the first says it.
    if (seen.has(fault.path)) continue;
    seen.add(fault.path);
    faults.push({ path: fault.path, expected: describeSchema(fault.schema, fault.message), received: describeValue(fault.value, fault.path) });
    if (faults.length === MAX_FAULTS) break;
  }
  return faults;
}

type Fill = (value: unknown) => unknown;

/**
 * Makes the function that fills a schema's defaults, or none where it has none: most have none, and then no value is ever copied.
 * It copies along the changed path only: neighbours, extra keys and large buffers keep their identity. TypeBox's own
 * `Value.Default` writes into what it is given, so it only ever sees what was made or cloned here.
 */
function compileFill(schema: TSchema): Fill | undefined {
  if (!hasDefaults(schema)) return undefined;
  const fillPresent = compileFillPresent(schema);
  return (value) => (value === undefined ? Value.Default(schema, undefined) : fillPresent(value));
}

function compileFillPresent(schema: TSchema): Fill {
  const { properties, items, allOf } = schema as { properties?: Record<string, TSchema>; items?: TSchema; allOf?: TSchema[] };
  if (properties !== undefined) return compileFillProperties(properties);
  if (items !== undefined && !Array.isArray(items)) {
    const fill = compileFill(items);
    return (value) => (fill !== undefined && Array.isArray(value) ? value.map(fill) : value);
  }
  if (allOf !== undefined) {
    const fills = allOf.map((part) => compileFill(part)).filter((fill) => fill !== undefined);
    return (value) => fills.reduce((filled, fill) => fill(filled), value);
  }
  // Unions, tuples, records, references: rare enough to pay for a whole clone.
  return (value) => (isPlainObject(value) || Array.isArray(value) ? Value.Default(schema, cloneOrKeep(value)) : value);
}

function compileFillProperties(properties: Readonly<Record<string, TSchema>>): Fill {
  const fills = Object.entries(properties).flatMap(([key, part]): [string, Fill][] => {
    const fill = compileFill(part);
    return fill === undefined ? [] : [[key, fill]];
  });
  return (value) => {
    if (!isPlainObject(value)) return value;
    let copy: Record<string, unknown> | undefined;
    for (const [key, fill] of fills) {
      const own = Object.hasOwn(value, key) ? value[key] : undefined;
      const filled = fill(own);
      if (filled === own) continue;
      copy ??= { ...value };
      // `__proto__` as a schema key must become a property, not a prototype.
      Object.defineProperty(copy, key, { value: filled, enumerable: true, configurable: true, writable: true });
    }
    return copy ?? value;
  };
}

function hasDefaults(schema: unknown, depth = 0): boolean {
  if (typeof schema !== 'object' || schema === null || depth > 32) return false;
  return 'default' in schema || Object.values(schema).some((part) => hasDefaults(part, depth + 1));
}

function cloneOrKeep(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    // What does not clone is refused before dispatch anyway, with its path; here it only misses its defaults.
    return value;
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
