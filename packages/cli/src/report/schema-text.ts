import { isRecord } from '@heddle/core/engine';
import { limitsOf } from '@heddle/core/validation';

type Schema = Readonly<Record<string, unknown>>;

/** One field of a schema, in words. */
export interface FieldText {
  /** `width`, and for the fields of a field `size.width`, `items[].id`. */
  readonly path: string;
  /** `integer ≥ 1`, `one of "a" | "b"`. */
  readonly type: string;
  /** `required`, `optional`, `default 320`. */
  readonly need: string;
  readonly description: string;
}

const MAX_DEPTH = 4;

/** The fields of an object schema, those within them below; a schema of something else is one field without a name. Takes JSON Schema. */
export function schemaFields(schema: unknown): readonly FieldText[] {
  if (!isRecord(schema)) return [];
  const fields = fieldsWithin(schema, '', 0);
  return fields.length > 0 || schema['type'] === 'object'
    ? fields
    : [{ path: '', type: typeText(schema), need: 'required', description: textOf(schema['description']) }];
}

function fieldsWithin(schema: Schema, prefix: string, depth: number): FieldText[] {
  if (depth >= MAX_DEPTH) return [];
  const { properties, required, allOf, items } = schema;
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const parts = Array.isArray(allOf) ? allOf.filter(isRecord).flatMap((part) => fieldsWithin(part, prefix, depth)) : [];
  if (isRecord(items)) return fieldsWithin(items, `${prefix}[]`, depth);
  if (!isRecord(properties)) return parts;
  const own = Object.entries(properties).flatMap(([name, field]): FieldText[] => {
    if (!isRecord(field)) return [];
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return [
      { path, type: typeText(field), need: needText(field, needed.includes(name)), description: textOf(field['description']) },
      ...fieldsWithin(field, path, depth + 1),
    ];
  });
  return [...own, ...parts];
}

/** The type of a schema in words. */
function typeText(schema: Schema): string {
  if ('const' in schema) return JSON.stringify(schema['const']);
  const { anyOf, allOf, type, items } = schema;
  if (Array.isArray(schema['enum'])) return `one of ${schema['enum'].map((value) => JSON.stringify(value)).join(' | ')}`;
  if (Array.isArray(anyOf)) return `one of ${anyOf.filter(isRecord).map(typeText).join(' | ')}`;
  if (Array.isArray(allOf)) return 'object';
  if (typeof type !== 'string') return 'anything';
  const name = type === 'array' && isRecord(items) ? `array of ${typeText(items)}` : type;
  return [name, ...limitsOf(schema)].join(' ');
}

function needText(schema: Schema, isRequired: boolean): string {
  if ('default' in schema) return `default ${JSON.stringify(schema['default'])}`;
  return isRequired ? 'required' : 'optional';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
