import { isRecord } from '@heddle/core/engine';

/** Turns a cell's text into the value a schema asks for; `undefined` leaves the field out. What does not fit stays text, for the schema to name. */
export type Coerce = (text: string) => unknown;

type Schema = Readonly<Record<string, unknown>>;

/**
 * How the cells of each column are turned into fields of the action's params. Columns the schema does not name stay text.
 * An empty cell is a field that is not there, but for a required string without a default.
 */
export function compileCoercion(schema: unknown, columns: readonly string[]): readonly Coerce[] {
  const { properties, required } = fieldsOf(schema);
  return columns.map((column) => {
    const field = properties.get(column);
    if (field === undefined) return keep;
    const coerce = coercionOf(field);
    const emptyText = required.has(column) && !('default' in field) && acceptsEmptyText(field);
    return (text) => (text === '' ? (emptyText ? '' : emptyValue(field)) : coerce(text));
  });
}

/** The fields of an object schema. */
export interface Fields {
  readonly properties: ReadonlyMap<string, Schema>;
  readonly required: ReadonlySet<string>;
}

/** The fields of an object schema, those of the parts of an intersection included. */
export function fieldsOf(schema: unknown): Fields {
  const properties = new Map<string, Schema>();
  const required = new Set<string>();
  const collect = (part: unknown): void => {
    if (!isRecord(part)) return;
    const { properties: own, required: names, allOf } = part;
    if (isRecord(own)) for (const [name, field] of Object.entries(own)) if (isRecord(field)) properties.set(name, field);
    if (Array.isArray(names)) for (const name of names) required.add(String(name));
    if (Array.isArray(allOf)) allOf.forEach(collect);
  };
  collect(schema);
  return { properties, required };
}

/** How a text is turned into what one schema asks for. */
export function coercionOf(schema: Schema): Coerce {
  if ('const' in schema) return (text) => (text === String(schema['const']) ? schema['const'] : text);
  const { anyOf, type } = schema;
  if (Array.isArray(anyOf)) return anyOfCoercion(anyOf.filter(isRecord).map(coercionOf), anyOf.filter(isRecord));
  return (typeof type === 'string' ? BY_TYPE[type] : undefined) ?? keep;
}

/** The first member that makes something else of the text; it stays text when one of them takes text, or none makes anything. */
function anyOfCoercion(members: readonly Coerce[], schemas: readonly Schema[]): Coerce {
  const takesText = schemas.findIndex((schema) => schema['type'] === 'string' && !('const' in schema));
  const before = takesText < 0 ? members : members.slice(0, takesText);
  return (text) => {
    for (const coerce of before) {
      const value = coerce(text);
      if (value !== text) return value;
    }
    return text;
  };
}

const BY_TYPE: Readonly<Record<string, Coerce>> = {
  number: toNumber,
  integer: toInteger,
  boolean: (text) => BOOLEANS.get(text.trim().toLowerCase()) ?? text,
  null: (text) => (text.trim() === 'null' ? null : text),
  bigint: (text) => (/^[+-]?\d+$/.test(text.trim()) ? BigInt(text.trim()) : text),
  array: parseJson,
  object: parseJson,
  Date: (text) => (Number.isNaN(Date.parse(text)) ? text : new Date(text)),
};

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['yes', true],
  ['no', false],
  ['1', true],
  ['0', false],
]);

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

function toNumber(text: string): unknown {
  const trimmed = text.trim();
  return NUMBER.test(trimmed) ? Number(trimmed) : text;
}

/** An integer that a number cannot hold stays text: rounding it would change an id. */
function toInteger(text: string): unknown {
  const value = toNumber(text);
  return typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
}

function parseJson(text: string): unknown {
  const trimmed = text.trim();
  if (!trimmed.startsWith('[') && !trimmed.startsWith('{')) return text;
  try {
    return JSON.parse(trimmed);
  } catch {
    return text;
  }
}

function keep(text: string): string {
  return text;
}

function acceptsEmptyText(schema: Schema): boolean {
  const { anyOf, type } = schema;
  return type === 'string' || (Array.isArray(anyOf) && anyOf.some((part) => isRecord(part) && acceptsEmptyText(part)));
}

/** What stands for an empty cell: `null` where the field may be null, else nothing. */
function emptyValue(schema: Schema): null | undefined {
  const { anyOf, type } = schema;
  const nullable = type === 'null' || (Array.isArray(anyOf) && anyOf.some((part) => isRecord(part) && part['type'] === 'null'));
  return nullable ? null : undefined;
}
