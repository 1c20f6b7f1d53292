import { type Action, HeddleError, isAction } from '@heddle/core';
import type { Context, TaskOptions } from '@heddle/worker-pool';
import type { FastifyReply, FastifyRequest, FastifySchema, HTTPMethods, RouteOptions } from 'fastify';
import { routeSchema } from './route-schema.ts';

/** How an action is asked for over HTTP. */
export interface ActionRouteOptions<P> {
  readonly url: string;
  /** @defaultValue 'POST' */
  readonly method?: HTTPMethods;
  /** The action's params. @defaultValue those of the path, over those of the query (GET, HEAD, DELETE) or of the body */
  readonly params?: (request: FastifyRequest) => P;
  /** More for the context of the task. */
  readonly context?: (request: FastifyRequest) => Context;
  /** Options of the task: its timeout, retries, priority. `signal` is the request's. */
  readonly options?: TaskOptions;
  /** More for the route's schema: `tags`, `summary`, `security`, … It goes over what is made of the action's. */
  readonly schema?: FastifySchema & Readonly<Record<string, unknown>>;
}

const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE']);

/**
 * A route that runs an action: its schema says what the route takes, its output schema what it gives, both for Fastify's own checks and for
 * OpenAPI. What Fastify lets through the runtime checks again. Give it to `app.route`.
 *
 * @throws HeddleError `invalid_action` for an action whose params are no object, or hold what JSON cannot
 */
export function actionRoute<P, V>(
  action: Action<P, V>,
  { url, method = 'POST', params, context, options, schema }: ActionRouteOptions<P>,
): RouteOptions {
  if (!isAction(action)) throw new HeddleError('invalid_action', '`actionRoute` takes what `defineAction` returned');
  const hasBody = !WITHOUT_BODY.has(method.toUpperCase());
  return {
    method,
    url,
    schema: { ...routeSchema(action, { url, hasBody, ownParams: params !== undefined }), ...schema },
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const given = params === undefined ? paramsOf(request, hasBody) : params(request);
      const value = await call(request)(action, given, context?.(request), options);
      if (value === undefined) reply.code(204);
      return value ?? null;
    },
  };
}

function paramsOf({ params, query, body }: FastifyRequest, hasBody: boolean): unknown {
  const sent = hasBody ? body : query;
  // What is no object is for the runtime to refuse, by its own words.
  if (typeof sent !== 'object' || Array.isArray(sent)) return sent ?? { ...Object(params) };
  return { ...sent, ...Object(params) };
}

/** Its arguments depend on whether params may be left out, which cannot be known of a type parameter. */
function call(request: FastifyRequest): (...args: unknown[]) => Promise<unknown> {
  return request.runAction.bind(request) as (...args: unknown[]) => Promise<unknown>;
}
