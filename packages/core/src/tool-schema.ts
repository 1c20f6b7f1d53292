import { HeddleError } from './error.ts';
import { isRecord } from './record.ts';

/** A schema as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The parameters of an action that declares none. */
const NO_PARAMETERS: JsonSchema = Object.freeze({ type: 'object', properties: {}, additionalProperties: false });

/** What JSON has no type for, and the text that `Value.Convert` makes it from. */
const TEXT_FORMS: Readonly<Record<string, JsonSchema>> = {
  Date: { type: 'string', format: 'date-time' },
  bigint: { type: 'string', pattern: '^-?\\d+$' },
};
const ANNOTATIONS = ['$id', 'title', 'description'] as const;
const JSON_TYPES: readonly unknown[] = [undefined, 'object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];
const NOT_THERE: readonly unknown[] = ['undefined', 'void'];

/**
 * The schema of a tool's parameters, for a language model: of an action's schema the strict form. Source: SEMANTICS A-7.
 *
 * - Every object is closed (`additionalProperties: false`), wherever it stands: in properties, arrays, tuples, unions, `$defs`. Where the
 *   schema itself says what other keys hold, that stays.
 * - An intersection becomes one object. Closing each of its parts would make a schema that nothing satisfies: each part forbids the keys
 *   of the others. Where a part is no object to merge (a reference, say), the parts stay open, and `unevaluatedProperties` closes the whole.
 * - A field with a default is not required: a model that had to give it would invent a value.
 * - Dates and bigints are asked for as text, which `execute` converts.
 *
 * @throws HeddleError `invalid_action` naming the path of what cannot be said in JSON
 */
export function toolParameters(action: string, schema: unknown): JsonSchema {
  if (schema === undefined) return NO_PARAMETERS;
  const strict = strictOf(schema, action, '');
  if (!isObjectSchema(strict, strict)) {
    const message = `Action ${action} takes no object, which the parameters of a tool must be: wrap its schema in \`Type.Object({ … })\``;
    throw new HeddleError('invalid_action', message, { details: { action } });
  }
  return strict['type'] === 'object' ? strict : { type: 'object', ...strict };
}

function strictOf(schema: unknown, action: string, path: string): JsonSchema {
  // `true`, `false`, or a keyword that holds no schema.
  if (!isRecord(schema)) return schema === false ? { not: {} } : {};
  const { type, allOf } = schema;
  const text = typeof type === 'string' ? TEXT_FORMS[type] : undefined;
  if (text !== undefined) return { ...pick(schema, ANNOTATIONS), ...text };
  if (!JSON_TYPES.includes(type) && !Array.isArray(type)) throw notJson(action, path, type);
  if (Array.isArray(allOf)) return strictIntersection(schema, allOf, action, path);
  const { anyOf, ...object } = schema;
  if (anyOf !== undefined && 'properties' in object) return strictIntersection({}, [object, { anyOf }], action, path);
  const strict = strictParts(schema, action, path);
  // What stands beside alternatives or a reference is closed by them; what says itself what else there may be is as it says.
  const isClosedElsewhere = ['anyOf', 'oneOf', '$ref'].some((key) => key in schema) || isRecord(schema['unevaluatedProperties']);
  return isObjectLike(schema) && !isClosedElsewhere ? closed(strict) : strict;
}

/** The same keywords, with every schema among them made strict. `not` is left alone: there, stricter would mean looser. */
function strictParts(schema: JsonSchema, action: string, path: string): JsonSchema {
  const one = (part: unknown, key: string): JsonSchema => strictOf(part, action, `${path}/${key}`);
  return mapValues(schema, (value, keyword) => {
    switch (keyword) {
      case 'properties':
      case 'patternProperties':
      case '$defs':
        return isRecord(value) ? mapValues(value, one) : value;
      case 'anyOf':
      case 'oneOf':
        return Array.isArray(value) ? value.filter(isThere).map((part) => strictOf(part, action, path)) : value;
      case 'items':
        return Array.isArray(value) ? value.map((part, index) => one(part, String(index))) : one(value, '*');
      case 'additionalProperties':
      case 'unevaluatedProperties':
      case 'contains':
        return isRecord(value) ? one(value, '*') : value;
      default:
        return value;
    }
  });
}

function closed(schema: JsonSchema): JsonSchema {
  const { properties, required, additionalProperties } = schema;
  const needed = Array.isArray(required) ? required.filter((key) => !hasDefault(properties, String(key))) : [];
  const { required: _, ...rest } = schema;
  const other = isRecord(additionalProperties) ? additionalProperties : false;
  return { ...rest, ...(needed.length > 0 ? { required: needed } : {}), additionalProperties: other };
}

function strictIntersection(schema: JsonSchema, allOf: readonly unknown[], action: string, path: string): JsonSchema {
  const { allOf: _, unevaluatedProperties, ...beside } = schema;
  const other = isRecord(unevaluatedProperties) ? strictOf(unevaluatedProperties, action, `${path}/*`) : false;
  const merged = other === false ? mergeAll(allOf) : undefined;
  if (merged !== undefined) return strictOf({ ...beside, ...merged, ...pick(schema, ANNOTATIONS) }, action, path);
  const open = allOf.map((part) => (isRecord(part) ? strictParts(part, action, path) : part));
  return { ...beside, allOf: open, ...(allOf.some(isObjectLike) ? { unevaluatedProperties: other } : {}) };
}

/** One schema that says what all of them say, or none where that cannot be written as one. */
function mergeAll(parts: readonly unknown[]): JsonSchema | undefined {
  let merged: JsonSchema | undefined = { type: 'object', properties: {} };
  for (const part of parts) {
    if (merged === undefined || !isRecord(part)) return undefined;
    merged = mergeTwo(merged, part);
  }
  return merged;
}

function mergeTwo(left: JsonSchema, right: JsonSchema): JsonSchema | undefined {
  if (Array.isArray(right['allOf'])) {
    const inner = mergeAll(right['allOf']);
    return inner === undefined ? undefined : mergeTwo(left, inner);
  }
  if (isUnion(right)) return distribute(right.anyOf, (part) => mergeTwo(left, part));
  if (isUnion(left)) return distribute(left.anyOf, (part) => mergeTwo(part, right));
  return isMergeable(left) && isMergeable(right) ? mergeObjects(left, right) : undefined;
}

/** What goes with one of several goes with each of them. */
function distribute(parts: readonly unknown[], merge: (part: JsonSchema) => JsonSchema | undefined): JsonSchema | undefined {
  const merged = parts.map((part) => (isRecord(part) ? merge(part) : undefined));
  return merged.includes(undefined) ? undefined : { anyOf: merged };
}

function isUnion(schema: JsonSchema): schema is { readonly anyOf: readonly unknown[] } {
  return Array.isArray(schema['anyOf']) && Object.keys(schema).every((key) => ['anyOf', 'type', ...ANNOTATIONS].includes(key));
}

/** An object that is told by its properties alone; what other keywords say together, one schema may not be able to. */
function isMergeable(schema: JsonSchema): boolean {
  const known = ['type', 'properties', 'required', 'additionalProperties', 'default', ...ANNOTATIONS];
  return (
    schema['type'] === 'object' && !isRecord(schema['additionalProperties']) && Object.keys(schema).every((key) => known.includes(key))
  );
}

function mergeObjects(left: JsonSchema, right: JsonSchema): JsonSchema {
  const properties = new Map(Object.entries(isRecord(left['properties']) ? left['properties'] : {}));
  for (const [key, part] of Object.entries(isRecord(right['properties']) ? right['properties'] : {})) {
    const known = properties.get(key);
    const same = known === undefined || JSON.stringify(known) === JSON.stringify(part);
    properties.set(key, same ? part : { allOf: [known, part] });
  }
  const required = [left, right].flatMap((part) => (Array.isArray(part['required']) ? part['required'] : []));
  return { type: 'object', properties: Object.fromEntries(properties), required: [...new Set(required)] };
}

function hasDefault(properties: unknown, key: string): boolean {
  const part = isRecord(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
  return isRecord(part) && 'default' in part;
}

function isThere(part: unknown): boolean {
  return !isRecord(part) || !NOT_THERE.includes(part['type']);
}

function isObjectLike(schema: unknown): boolean {
  return isRecord(schema) && (schema['type'] === 'object' || 'properties' in schema);
}

/** Whether every value that fits is an object. `root` holds what a `$ref` names. */
function isObjectSchema(schema: unknown, root: JsonSchema, depth = 0): boolean {
  if (!isRecord(schema) || depth > 8) return false;
  const { $ref, anyOf, allOf } = schema;
  if (isObjectLike(schema)) return true;
  if (Array.isArray(anyOf)) return anyOf.length > 0 && anyOf.every((part) => isObjectSchema(part, root, depth + 1));
  if (Array.isArray(allOf)) return allOf.some((part) => isObjectSchema(part, root, depth + 1));
  const defs = root['$defs'];
  return typeof $ref === 'string' && isRecord(defs) && isObjectSchema(defs[$ref], root, depth + 1);
}

function notJson(action: string, path: string, type: unknown): HeddleError {
  const message = `Action ${action} takes a ${String(type)} at \`${path === '' ? '/' : path}\`, which JSON cannot hold and a tool's caller cannot give`;
  return new HeddleError('invalid_action', message, { details: { action, path } });
}

function mapValues(object: JsonSchema, change: (value: unknown, key: string) => unknown): JsonSchema {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

function pick(schema: JsonSchema, keys: readonly string[]): JsonSchema {
  return Object.fromEntries(keys.filter((key) => key in schema).map((key) => [key, schema[key]]));
}
