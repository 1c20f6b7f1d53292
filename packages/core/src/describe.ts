const MAX_TEXT = 60;
const SECRET_PATH = /pass(word|wd|phrase)?|secret|token|authorization|api.?key|credential|cookie/i;

/** What a schema asks for, in words: `integer ≥ 1`, `one of "a" | "b"`, `string matching ^x`. `fallback` when the schema says less than TypeBox's message. */
export function describeSchema(schema: unknown, fallback: string): string {
  if (typeof schema !== 'object' || schema === null) return fallback;
  const given = schema as Readonly<Record<string, unknown>>;
  if ('const' in given) return JSON.stringify(given['const']);
  if (Array.isArray(given['anyOf'])) return `one of ${given['anyOf'].map((part) => describeSchema(part, 'another type')).join(' | ')}`;
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
  ['pattern', 'matching '],
  ['format', 'of format '],
] as const;

function limitsOf(schema: Readonly<Record<string, unknown>>): string[] {
  return LIMITS.filter(([key]) => schema[key] !== undefined).map(([key, words]) => `${words}${String(schema[key])}`);
}

/** What came, short: type and, for short plain values, the value. What stands under a secret-looking path is named by its type alone. */
export function describeValue(value: unknown, path: string): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (SECRET_PATH.test(path) || typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}
