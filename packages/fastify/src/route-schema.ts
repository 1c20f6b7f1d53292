import { type Action, HeddleError } from '@heddle/core';
import type { FastifySchema } from 'fastify';

/** Which parts of a request an action's params come from. */
export interface RouteParts {
  readonly url: string;
  readonly hasBody: boolean;
  /** The route makes the params itself: of what it takes nothing is known. */
  readonly ownParams: boolean;
}

type JsonObject = Record<string, unknown>;

/** What Fastify answers with when something failed. */
const ERROR: JsonObject = {
  type: 'object',
  properties: {
    statusCode: { type: 'integer' },
    code: { type: 'string' },
    error: { type: 'string' },
    message: { type: 'string' },
  },
  required: ['statusCode', 'error', 'message'],
};

/**
 * The schema of a route, of the schemas of its action: path, and query or body; the answer.
 *
 * @throws HeddleError `invalid_action` where the params are no object, or hold what JSON has no type for
 */
export function routeSchema(action: Action, { url, hasBody, ownParams }: RouteParts): FastifySchema {
  const { name, description, schema, outputSchema } = action.toJSON();
  const taken = schema === undefined || ownParams ? {} : taking(asked(name, schema as JsonObject), url, hasBody);
  return {
    ...taken,
    response: {
      // Where JSON has no type for something in it, nothing is said of the answer.
      ...(outputSchema === undefined || strangeType(outputSchema) !== undefined ? {} : { 200: outputSchema }),
      '4xx': ERROR,
      '5xx': ERROR,
    },
    // For OpenAPI; Fastify itself knows nothing of these.
    ...{ operationId: name, ...(description === undefined ? {} : { description }) },
  };
}

/** The schema's fields that the path names come from there, all others from the query or the body. */
function taking(schema: JsonObject, url: string, hasBody: boolean): FastifySchema {
  const part = hasBody ? 'body' : 'querystring';
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, key = '']) => key);
  const properties = schema['properties'] as JsonObject | undefined; // of a schema of an object
  if (properties === undefined || inPath.length === 0) return { [part]: schema };
  const required = (schema['required'] ?? []) as readonly string[]; // as above
  const pick = (keys: readonly string[]): JsonObject => ({
    type: 'object',
    properties: Object.fromEntries(keys.map((key) => [key, properties[key]])),
    required: required.filter((key) => keys.includes(key)),
  });
  const rest = Object.keys(properties).filter((key) => !inPath.includes(key));
  const named = inPath.filter((key) => key in properties);
  return { params: pick(named), ...(rest.length === 0 ? {} : { [part]: { ...schema, ...pick(rest) } }) };
}

const JSON_TYPES: ReadonlySet<unknown> = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);

function asked(action: string, schema: JsonObject): JsonObject {
  const strange = strangeType(schema);
  if (strange !== undefined) throw unfit(action, `\`${strange.path}\` is of type ${strange.type}, which JSON does not have`);
  if (schema['type'] !== 'object' && !('allOf' in schema || 'anyOf' in schema)) throw unfit(action, 'its params are no object');
  return schema;
}

function unfit(action: string, why: string): HeddleError {
  const message = `Action ${action} cannot be asked for over HTTP as it is: ${why}. Give its route \`params\`, a function that makes them of the request`;
  return new HeddleError('invalid_action', message, { details: { action } });
}

/** The first place of a schema that asks for a type of its own (a Date, a Uint8Array), if there is one. */
function strangeType(schema: unknown, path = ''): { readonly path: string; readonly type: string } | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  for (const [key, value] of Object.entries(schema)) {
    // A property may be called `type`; what it is then is an object.
    if (key === 'type' && typeof value === 'string' && !JSON_TYPES.has(value)) return { path: path || '/', type: value };
    const isData = key === 'default' || key === 'const' || key === 'enum' || key === 'examples';
    const found = isData ? undefined : strangeType(value, key === 'properties' ? path : `${path}/${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
