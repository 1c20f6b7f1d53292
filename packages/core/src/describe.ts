import { kindOf } from './definition.ts';

const MAX_TEXT = 60;
const SECRET_PATH = /pass(word|wd|phrase)?|secret|token|authorization|api.?key|credential|cookie/i;

/** What a schema asks for, in words: `integer ≥ 1`, `one of "a" | "b"`, `string matching ^x`. `fallback` when the schema says less than TypeBox's message. */
export function describeSchema(schema: unknown, fallback: string): string {
  if (typeof schema !== 'object' || schema === null) return fallback;
  const given = schema as Readonly<Record<string, unknown>>;
  if ('const' in given) return JSON.stringify(given['const']);
  if (Array.isArray(given['anyOf'])) return `one of ${given['anyOf'].map((part) => describeSchema(part, 'another type')).join(' | ')}`;
  if ('not' in given)
    return Object.keys(given['not'] ?? {}).length === 0 ? 'nothing' : `anything but ${describeSchema(given['not'], 'this')}`;
  const { type } = given;
  if (typeof type !== 'string') return fallback;
  return [type, ...limitsOf(given)].join(' ');
}

const LIMITS = [
  ['minimum', '≥ '],
  ['maximum', '≤ '],
  ['exclusiveMinimum', '> '],
  ['exclusiveMaximum', '< '],
  ['multipleOf', 'a multiple of '],
  ['minLength', 'of length ≥ '],
  ['maxLength', 'of length ≤ '],
  ['minItems', 'with items ≥ '],
  ['maxItems', 'with items ≤ '],
  ['minProperties', 'with keys ≥ '],
  ['maxProperties', 'with keys ≤ '],
  ['minByteLength', 'of bytes ≥ '],
  ['maxByteLength', 'of bytes ≤ '],
  ['pattern', 'matching '],
  ['format', 'of format '],
] as const;

/** What a schema limits, in words, an entry each: `≥ 1`, `of length ≤ 80`. */
export function limitsOf(schema: Readonly<Record<string, unknown>>): string[] {
  const limits = LIMITS.filter(([key]) => schema[key] !== undefined).map(([key, words]) => `${words}${String(schema[key])}`);
  if (schema['uniqueItems'] === true) limits.push('without duplicates');
  if (schema['contains'] !== undefined) limits.push(`containing ${describeSchema(schema['contains'], 'a certain item')}`);
  return limits;
}

/** What came, short: type and, for short plain values, the value. What stands under a secret-looking path is named by its type alone. */
export function describeValue(value: unknown, path: string): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (SECRET_PATH.test(path) || typeof value === 'function' || typeof value === 'symbol') return kindOf(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return nameOf(value);
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

function nameOf(value: object): string {
  const name = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return name === 'Object' ? 'an object' : `a ${name}`;
}
