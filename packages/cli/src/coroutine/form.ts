import { Type } from '@heddle/core';
import { isRecord } from '@heddle/core/engine';
import { createValidator, type ValidationFault, type Validator } from '@heddle/core/validation';
import { fieldsOf } from '../input/coerce.ts';
import { schemaFields } from '../report/schema-text.ts';
import { typedValue } from './answer.ts';

type Schema = Readonly<Record<string, unknown>>;

/** One thing to ask. */
export interface Field {
  /** Where its value goes: `['address', 'street']`; `[]` = it is the whole answer. */
  readonly path: readonly string[];
  /** What it is called: its title, else its name; `''` for the whole answer. */
  readonly label: string;
  readonly description: string;
  /** What it takes: `integer ≥ 1; default 3`. */
  readonly hint: string;
  /** The value of an answer; `undefined` = left out. */
  read(text: string): unknown;
  /** What is wrong with a value, by the field's own schema. */
  faultsOf(value: unknown): readonly ValidationFault[];
}

/** What is asked where a `resumeSchema` says what an answer is. */
export interface Form {
  /** Its answer is an object, made of the fields. */
  readonly isObject: boolean;
  readonly fields: readonly Field[];
  /** Checks the whole, and fills in defaults. */
  readonly whole: Validator;
}

/** The form of a schema. Of an object's fields those that are objects and have to be there are asked one by one as well. */
export function formOf(schema: Parameters<typeof createValidator>[0]): Form {
  const isObject = asksForObject(schema);
  const fields = isObject ? fieldsWithin(schema, []) : [fieldOf(schema, [], true)];
  return { isObject, fields, whole: createValidator(schema) };
}

/** The fields' values as one object; what was left out is not in it. */
export function objectOf(values: readonly (readonly [field: Field, value: unknown])[]): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const [{ path }, value] of values) {
    let place = whole;
    for (const name of path.slice(0, -1)) {
      const inner = isRecord(place[name]) ? { ...place[name] } : {};
      place[name] = inner;
      place = inner;
    }
    const name = path.at(-1);
    if (name !== undefined && value !== undefined) place[name] = value;
  }
  return whole;
}

function asksForObject(schema: Schema): boolean {
  return fieldsOf(schema).properties.size > 0;
}

function fieldsWithin(schema: Schema, prefix: readonly string[]): Field[] {
  const { properties, required } = fieldsOf(schema);
  return [...properties].flatMap(([name, field]) => {
    const path = [...prefix, name];
    return required.has(name) && asksForObject(field) ? fieldsWithin(field, path) : [fieldOf(field, path, required.has(name))];
  });
}

function fieldOf(schema: Schema, path: readonly string[], required: boolean): Field {
  const name = path.at(-1);
  const validator = validatorOf(schema, path, required);
  const [told] = schemaFields(
    name === undefined ? schema : { type: 'object', properties: { [name]: schema }, required: required ? [name] : [] },
  );
  const { title, description } = schema;
  const need = told === undefined || told.need === 'required' ? [] : [told.need];
  return {
    path,
    label: typeof title === 'string' ? title : path.join('.'),
    description: typeof description === 'string' ? description : '',
    hint: [...(told === undefined ? [] : hintOf(told.type)), ...need].join('; '),
    read: (text) => (text === '' && !required && !('default' in schema) ? undefined : typedValue(schema, text)),
    faultsOf(value) {
      const checked = validator?.validate(path.reduceRight<unknown>((inner, key) => (inner === undefined ? {} : { [key]: inner }), value));
      return checked === undefined || checked.ok ? [] : checked.faults;
    },
  };
}

/** What a person has to be told: nothing of a text. */
function hintOf(type: string): readonly string[] {
  if (type === 'boolean') return ['y or n'];
  return type === 'string' || type === 'anything' ? [] : [/^(?:array|object)\b/.test(type) ? `${type}, as JSON` : type];
}

/** Checks the field where it stands, so that faults have its path; `undefined` for a schema that makes no sense by itself. */
function validatorOf(schema: Schema, path: readonly string[], required: boolean): Validator | undefined {
  // A part of a TypeBox schema is one.
  const own = schema as Parameters<typeof createValidator>[0];
  const leaf = required || path.length === 0 ? own : Type.Optional(own);
  try {
    return createValidator(path.reduceRight((inner, key) => Type.Object({ [key]: inner }), leaf));
  } catch {
    return undefined;
  }
}
