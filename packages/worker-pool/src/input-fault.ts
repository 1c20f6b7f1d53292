import { HeddleError } from '@heddle/core';
import { describeKind, isPlainObject } from './plain-object.ts';

/** What is wrong with params or context by their kind alone, if anything. Source: SEMANTICS R-2. */
export function inputFault(action: string, objectParams: boolean, params: unknown, context: unknown): HeddleError | undefined {
  if (objectParams && !isPlainObject(params))
    return new HeddleError('invalid_input', `Invalid params type: action ${action} takes a plain object, got ${describeKind(params)}`);
  if (context !== undefined && !isPlainObject(context))
    return new HeddleError('invalid_input', `Invalid context type: expected a plain object, got ${describeKind(context)}`);
  return undefined;
}

/** Whether an action with this schema takes plain objects only. Without a schema it does. */
export function takesObject(schema: Readonly<Record<string, unknown>> | undefined): boolean {
  if (schema === undefined) return true;
  const parts = schema['allOf'] ?? schema['anyOf'];
  if (Array.isArray(parts)) return parts.every((part) => takesObject(part as Record<string, unknown>)); // parts of a schema are schemas
  return schema['type'] === 'object';
}
