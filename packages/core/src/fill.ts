import type { TSchema } from '@sinclair/typebox';
import { typeValue } from './typebox.ts';

/** Gives a value with its schema's defaults filled in: itself when nothing was missing, else a copy along the changed path. */
export type Fill = (value: unknown) => unknown;

/** What the parts of one schema share: the fills and schemas that a `$ref` among them may name. */
interface FillScope {
  readonly fills: Map<string, Fill>;
  readonly references: TSchema[];
}

/** The keywords of a schema that matter here, as TypeBox writes them. */
interface Keywords {
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, TSchema>>;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly patternProperties?: Readonly<Record<string, TSchema>>;
  readonly additionalProperties?: TSchema | boolean;
  readonly items?: TSchema | readonly TSchema[];
  readonly allOf?: readonly TSchema[];
  readonly anyOf?: readonly TSchema[];
}

/**
 * Makes the function that fills a schema's defaults, or none where it has none: most have none, and then no value is ever copied.
 * Never writes into what it is given, nor into a default; neighbours, extra keys and large buffers keep their identity.
 * Our own, because TypeBox's `Value.Default` writes into its input, and its `Clone` makes a prototype of an own `__proto__` key.
 */
export function compileFill(schema: TSchema): Fill | undefined {
  return mentions(schema, ['default']) ? createFill(schema, { fills: new Map(), references: [] }) : undefined;
}

function createFill(schema: TSchema, scope: FillScope): Fill {
  const fillPresent = createFillPresent(schema, scope);
  const fill: Fill = (value) => fillPresent(value === undefined ? defaultOf(schema) : value);
  if (schema.$id !== undefined) register(schema.$id, schema, fill, scope);
  return fill;
}

/** The fill of a part, or none where neither a default nor a reference, which may lead to one, is in it. */
function createPartFill(part: TSchema, scope: FillScope): Fill | undefined {
  return mentions(part, ['default', '$ref']) ? createFill(part, scope) : undefined;
}

function createFillPresent(schema: Keywords, scope: FillScope): Fill {
  const { $ref, $defs, items, allOf, anyOf } = schema;
  for (const [name, part] of Object.entries($defs ?? {})) register(name, part, createFill(part, scope), scope);
  // Looked up when a value comes, not before: a recursive schema refers to what is still being made.
  if ($ref !== undefined) return (value) => scope.fills.get($ref)?.(value) ?? value;
  if (allOf !== undefined) {
    const fills = allOf.map((part) => createPartFill(part, scope)).filter((fill) => fill !== undefined);
    return (value) => fills.reduce((filled, fill) => fill(filled), value);
  }
  if (anyOf !== undefined) return createUnionFill(anyOf, scope);
  if (items !== undefined) return createItemsFill(items, scope);
  if (schema.properties !== undefined || schema.patternProperties !== undefined) return createObjectFill(schema, scope);
  return (value) => value;
}

/** The first alternative that the value satisfies once its defaults are filled. */
function createUnionFill(parts: readonly TSchema[], scope: FillScope): Fill {
  const { Value } = typeValue();
  const alternatives = parts.map((part) => ({ part, fill: createPartFill(part, scope) }));
  return (value) => {
    for (const { part, fill } of alternatives) {
      const filled = fill === undefined ? value : fill(value);
      if (Value.Check(part, scope.references, filled)) return filled;
    }
    return value;
  };
}

/** One schema for every item, or, of a tuple, one for each place. */
function createItemsFill(items: TSchema | readonly TSchema[], scope: FillScope): Fill {
  const places = isList(items) ? items.map((part) => createPartFill(part, scope)) : undefined;
  const every = isList(items) ? undefined : createPartFill(items, scope);
  return (value) => {
    if (!Array.isArray(value)) return value;
    let copy: unknown[] | undefined;
    const length = places?.length ?? value.length;
    for (let index = 0; index < length; index++) {
      const own: unknown = value[index];
      const fill = every ?? places?.[index];
      const filled = fill === undefined ? own : fill(own);
      if (filled === own) continue;
      copy ??= [...value];
      copy[index] = filled;
    }
    return copy ?? value;
  };
}

function createObjectFill({ properties = {}, patternProperties = {}, additionalProperties }: Keywords, scope: FillScope): Fill {
  const named = Object.entries(properties).map(([key, part]) => [key, createPartFill(part, scope)] as const);
  const patterns = Object.entries(patternProperties).map(([pattern, part]) => [new RegExp(pattern), createPartFill(part, scope)] as const);
  const additional = typeof additionalProperties === 'object' ? createPartFill(additionalProperties, scope) : undefined;
  const open = additional !== undefined || patterns.some(([, fill]) => fill !== undefined);
  const fillOf = (key: string): Fill | undefined => {
    const pattern = patterns.find(([expression]) => expression.test(key));
    return pattern === undefined ? additional : pattern[1];
  };
  return (value) => {
    if (!isObject(value)) return value;
    let copy: Record<string, unknown> | undefined;
    const set = (key: string, fill: Fill | undefined): void => {
      const own = Object.hasOwn(value, key) ? value[key] : undefined;
      const filled = fill === undefined ? own : fill(own);
      if (filled === own) return;
      copy ??= { ...value };
      // `__proto__` as a key must become a property, not a prototype.
      Object.defineProperty(copy, key, { value: filled, enumerable: true, configurable: true, writable: true });
    };
    for (const [key, fill] of named) set(key, fill);
    if (open) for (const key of Object.keys(value)) if (!Object.hasOwn(properties, key)) set(key, fillOf(key));
    return copy ?? value;
  };
}

function register(name: string, schema: TSchema, fill: Fill, scope: FillScope): void {
  if (scope.fills.has(name)) return;
  scope.fills.set(name, fill);
  scope.references.push(schema);
}

/** A fresh copy each time, so that one task's default is never another's. TypeBox allows a function here. */
function defaultOf({ default: value }: Keywords): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? value() : value;
  return typeValue().Value.Clone(value);
}

function mentions(schema: unknown, keywords: readonly string[], depth = 0): boolean {
  if (typeof schema !== 'object' || schema === null || depth > 32) return false;
  return keywords.some((keyword) => keyword in schema) || Object.values(schema).some((part) => mentions(part, keywords, depth + 1));
}

function isList(items: TSchema | readonly TSchema[]): items is readonly TSchema[] {
  return Array.isArray(items);
}

/** Objects with keys of their own; a Date, a Map or a typed array has none to fill, and must not become a plain copy. */
function isObject(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]';
}
