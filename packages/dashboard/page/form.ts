import { el } from './dom.ts';

/** A form for a value. */
export interface ValueForm {
  readonly element: HTMLElement;
  /** @throws Error saying what is wrong */
  read(): unknown;
}

interface Schema {
  readonly type?: unknown;
  readonly title?: unknown;
  readonly description?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
}

let forms = 0;

/** A form by a JSON Schema; JSON where there is none, or it asks for more than fields can tell. */
export function formOf(schema: unknown, what: string): ValueForm {
  const known = schema as Schema | undefined; // whatever it is, it is only looked at
  const id = `form-${++forms}`;
  if (known?.type === 'object' && known.properties !== undefined) {
    const fields = Object.entries(known.properties);
    if (fields.length > 0 && fields.every(([, field]) => isSimple(field))) return fieldsForm(fields, known.required ?? [], id);
  }
  if (known !== undefined && isSimple(known)) return simpleForm(known, what, id);
  return jsonForm(known, what, id);
}

function isSimple(schema: Schema): boolean {
  return choicesOf(schema) !== undefined || ['string', 'number', 'integer', 'boolean'].includes(String(schema.type));
}

function choicesOf({ enum: values, anyOf }: Schema): readonly unknown[] | undefined {
  if (values !== undefined) return values;
  return anyOf?.every((each) => each.const !== undefined) === true ? anyOf.map((each) => each.const) : undefined;
}

function fieldsForm(fields: readonly (readonly [string, Schema])[], required: readonly string[], id: string): ValueForm {
  const inputs = fields.map(([name, schema]) => ({ name, ...field(schema, name, required.includes(name), `${id}-${name}`) }));
  return {
    element: el('div', { class: 'fields' }, ...inputs.map(({ element }) => element)),
    read: () => Object.fromEntries(inputs.map(({ name, read }) => [name, read()] as const).filter(([, value]) => value !== undefined)),
  };
}

function simpleForm(schema: Schema, what: string, id: string): ValueForm {
  return field(schema, what, true, id);
}

function field(schema: Schema, name: string, required: boolean, id: string): ValueForm {
  const { title, description } = schema;
  const label = `${typeof title === 'string' ? title : name}${required ? '' : ' (optional)'}`;
  const { control, read } = controlOf(schema, required, id);
  const hint = typeof description === 'string' ? [el('span', { class: 'soft', text: description })] : [];
  return { element: el('div', { class: 'field' }, el('label', { text: label, attributes: { for: id } }), control, ...hint), read };
}

function controlOf(schema: Schema, required: boolean, id: string): { control: HTMLElement; read: () => unknown } {
  const choices = choicesOf(schema);
  if (choices !== undefined) return choiceOf(choices, schema, required, id);
  if (schema.type === 'boolean') return choiceOf([true, false], schema, required, id);
  const isNumber = schema.type === 'number' || schema.type === 'integer';
  const limits = {
    ...(schema.minimum === undefined ? {} : { min: String(schema.minimum) }),
    ...(schema.maximum === undefined ? {} : { max: String(schema.maximum) }),
  };
  const kind = isNumber ? { type: 'number', step: schema.type === 'integer' ? '1' : 'any', ...limits } : { type: 'text' };
  const input = el('input', { attributes: { id, autocomplete: 'off', ...kind, ...(required && isNumber ? { required: '' } : {}) } });
  if (schema.default !== undefined) input.value = String(schema.default);
  return {
    control: input,
    read: () => {
      if (input.value === '' && (isNumber || !required)) return undefined;
      return isNumber ? Number(input.value) : input.value;
    },
  };
}

function choiceOf(
  choices: readonly unknown[],
  schema: Schema,
  required: boolean,
  id: string,
): { control: HTMLElement; read: () => unknown } {
  const select = el('select', { attributes: { id } });
  if (!required) select.append(el('option', { text: '–', attributes: { value: '' } }));
  for (const [at, choice] of choices.entries()) select.append(el('option', { text: String(choice), attributes: { value: String(at) } }));
  if (schema.default !== undefined) select.value = String(choices.indexOf(schema.default));
  return { control: select, read: () => (select.value === '' ? undefined : choices[Number(select.value)]) };
}

function jsonForm(schema: Schema | undefined, what: string, id: string): ValueForm {
  const input = el('textarea', {
    attributes: { id, rows: '4', spellcheck: 'false', placeholder: schema === undefined ? 'JSON, or plain text' : 'JSON' },
  });
  const label = el('label', { text: `${what}, as JSON`, attributes: { for: id } });
  return {
    element: el('div', { class: 'field' }, label, input),
    read: () => {
      const text = input.value.trim();
      if (text === '') return undefined;
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        // What is no JSON is the text itself, where nobody says what it should be.
        if (schema === undefined && !/^[[{"]/.test(text)) return text;
        throw new Error(`That is no JSON: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  };
}
