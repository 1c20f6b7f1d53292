import { isRecord } from '@heddle/core/engine';
import { coercionOf } from '../input/coerce.ts';

type Schema = Readonly<Record<string, unknown>>;

/** An answer without a schema: the value of its JSON, or the text itself where it is none. */
export function freeValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * An answer as a schema asks for it; `undefined` = nothing was answered. What does not fit stays text, for the schema to name. A text in
 * double quotes is the JSON of a text.
 */
export function typedValue(schema: Schema, text: string): unknown {
  if (text === '') return emptyValue(schema);
  const quoted = /^".*"$/.test(text) ? freeValue(text) : text;
  if (quoted !== text) return quoted;
  const { type } = schema;
  if (type === 'boolean') return YES_NO.get(text.trim().toLowerCase()) ?? coercionOf(schema)(text);
  const isFree = type === undefined && !('const' in schema) && !Array.isArray(schema['anyOf']);
  return isFree ? freeValue(text) : coercionOf(schema)(text);
}

/** The object that a line holds, if it holds one. */
export function objectIn(text: string): Schema | undefined {
  const value = text.trim().startsWith('{') ? freeValue(text) : undefined;
  return isRecord(value) ? value : undefined;
}

const YES_NO: ReadonlyMap<string, boolean> = new Map([
  ['y', true],
  ['n', false],
]);

function emptyValue(schema: Schema): unknown {
  if ('default' in schema) return schema['default'];
  return schema['type'] === 'string' ? '' : undefined;
}
