import type { TSchema } from '@sinclair/typebox';
import { type Action, isAction } from './action.ts';
import { kindOf } from './definition.ts';
import { HeddleError } from './error.ts';
import { jsonText } from './json-text.ts';
import type { Outcome } from './outcome.ts';
import { toHeddleError } from './thrown.ts';
import { faithful } from './tool-conversion.ts';
import { type JsonSchema, toolParameters } from './tool-schema.ts';

/** What a tool needs to run its action; a runtime is one. To add a context or options: `{ run: (a, p) => runtime.run(a, p, { userId }) }`. */
export interface ToolRunner {
  run(action: Action, params: Readonly<Record<string, unknown>>): Promise<Outcome>;
}

/** An action in the form that tool calling by language models takes. Source: SEMANTICS A-7. */
export interface Tool {
  readonly name: string;
  /** The action's own, or `''`. */
  readonly description: string;
  /** The params as strict JSON Schema: closed objects throughout. */
  readonly parameters: JsonSchema;
  /**
   * Runs the action with what a model asked for: an object, or JSON text of one (empty text is `{}`). Text where the schema asks for a
   * number, boolean, bigint, null or date is converted, unless it would lose something; keys that the schema does not name are kept.
   *
   * Guarantees: never rejects. Answers JSON text, `{"ok":true,"value":…}` or `{"ok":false,"error":{"type","code","message",…}}`. A
   * directive is for the program and not in it; neither are causes, which may tell of the inside of the house.
   */
  execute(args?: unknown): Promise<string>;
}

/**
 * Makes a tool of an action.
 *
 * @throws HeddleError `invalid_action` for what is no plain action, or one whose params are no object or hold what JSON cannot;
 * `invalid_input` without a runner
 * @example
 * ```ts
 * const tool = toTool(resize, runtime)
 * const { name, description, parameters } = tool // goes to the model
 * const answer = await tool.execute(call.arguments) // goes back to it
 * ```
 */
export function toTool(action: Action, runner: ToolRunner): Tool {
  if (!isAction(action)) throw new HeddleError('invalid_action', `\`toTool\` takes what \`defineAction\` returned; got ${kindOf(action)}`);
  if ((action.kind as string) !== 'plain') {
    // Its type says plain; the caller may have no types.
    const hint = 'a tool is called once and answers once, so make it one of a plain action; `runtime.coroutine` resumes this one';
    throw new HeddleError('invalid_action', `Action ${action.name} is a coroutine (its \`run\` is a generator): ${hint}`);
  }
  if (typeof runner?.run !== 'function') {
    throw new HeddleError('invalid_input', `\`toTool\` takes a runner with a \`run\`, such as a runtime; got ${kindOf(runner)}`);
  }
  return Object.freeze({
    name: action.name,
    description: action.description ?? '',
    parameters: toolParameters(action.name, action.toJSON().schema),
    execute: async (args?: unknown) => answerOf(await execute(action, runner, args)),
  });
}

type Executed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: HeddleError };

async function execute(action: Action, runner: ToolRunner, args: unknown): Promise<Executed> {
  try {
    const given = parseArgs(action.name, args);
    return await runner.run(action, await converted(action.schema, given));
  } catch (thrown) {
    return { ok: false, error: toHeddleError(thrown) };
  }
}

function parseArgs(action: string, args: unknown): Readonly<Record<string, unknown>> {
  let given = args;
  if (typeof args === 'string') {
    try {
      given = args.trim() === '' ? {} : JSON.parse(args);
    } catch (cause) {
      // The parser's own words quote the text, and with it params.
      throw new HeddleError('invalid_input', `Invalid arguments for action ${action}: the text is no JSON`, { cause });
    }
  }
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new HeddleError('invalid_input', `Invalid arguments for action ${action}: expected an object, got ${kindOf(given)}`);
  }
  return given as Readonly<Record<string, unknown>>; // an object, by the line above
}

async function converted(
  schema: TSchema | undefined,
  given: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  if (schema === undefined) return given;
  // Loaded here: it costs more than the rest of this package, and only tools need it on the main thread.
  const { Value } = await import('@sinclair/typebox/value');
  let copy: unknown;
  try {
    copy = Value.Convert(schema, structuredClone(given));
  } catch {
    return given; // what the conversion trips over, validation names
  }
  return faithful(given, copy) as Readonly<Record<string, unknown>>; // a conversion of an object is one
}

function answerOf(executed: Executed): string {
  try {
    return executed.ok ? `{"ok":true,"value":${jsonText(executed.value)}}` : errorText(executed.error, executed.error.details);
  } catch (thrown) {
    const error = executed.ok
      ? new HeddleError('uncloneable', `The action's value has no JSON form: ${toHeddleError(thrown).message}`)
      : executed.error;
    return errorText(error, {});
  }
}

function errorText({ type, code, message, retryable }: HeddleError, details: Readonly<Record<string, unknown>>): string {
  return jsonText({ ok: false, error: { type, code, message, retryable, details } });
}
