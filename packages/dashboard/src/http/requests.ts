import type { Action, Coroutine, CoroutineAction } from '@heddle/core';
import { type HeddleError, isHeddleError } from '@heddle/core';
import type { AsyncRef, Runtime } from '@heddle/worker-pool';
import type { DashboardStore } from '../store/store.ts';
import type { StartableAction } from '../wire.ts';
import { RequestError } from './answer.ts';

/** What a page may ask to be done. */
export interface Requests {
  cancel(id: string, body: Body): Promise<unknown>;
  resume(id: string, body: Body): Promise<unknown>;
  endLane(lane: string, body: Body): Promise<unknown>;
  start(action: string, body: Body): Promise<unknown>;
}

type Body = Readonly<Record<string, unknown>>;

const DEFAULT_REASON = 'cancelled from the dashboard';

/** What pages ask a runtime to do. Each rejects with a RequestError that says why not. */
export function createRequests(runtime: Runtime, store: DashboardStore): Requests {
  return {
    async cancel(id, body) {
      const { reason = DEFAULT_REASON } = fieldsOf(body, ['reason']);
      if (typeof reason !== 'string') throw new RequestError(400, '`reason` must be a string');
      const { inspection } = store;
      if (inspection.task(id) === undefined)
        throw new RequestError(store.details(id) === undefined ? 404 : 409, `No open task has the id ${id}`);
      // How it ends is seen on the page: a task that does not listen takes its time.
      runtime.cancel(id, reason).catch(() => {});
      return { cancelling: id };
    },
    async resume(id, body) {
      const { value, seq, replyTo } = fieldsOf(body, ['value', 'seq', 'replyTo']);
      if (replyTo !== undefined)
        throw new RequestError(400, '`replyTo` is a function of a program: here the next step goes to whoever is told of the steps');
      if (seq !== undefined && seq !== store.details(id)?.steps.at(-1)?.seq)
        throw new RequestError(409, 'It has gone on meanwhile: look at its latest step, and answer that');
      refusing(() => store.inspection.resume(id, value));
      return { resumed: id };
    },
    async endLane(lane, body) {
      fieldsOf(body, []);
      await store.lanes.look();
      const threadId = store.lanes.threadOf(lane);
      if (threadId === undefined || !store.inspection.endLane(threadId)) throw new RequestError(404, `There is no lane ${lane}`);
      return { ended: lane };
    },
    async start(name, body) {
      const { params, tag } = fieldsOf(body, ['params', 'tag']);
      if (tag !== undefined && typeof tag !== 'string') throw new RequestError(400, '`tag` must be a string');
      const action = runtime.actions.get(name);
      if (action === undefined) throw new RequestError(404, `No action of the name ${name} is registered`);
      const started = refusing(() => startAction(runtime, action, params ?? {}, tag));
      return { started: started.id };
    },
  };
}

/** The actions that a page may start. */
export function startableOf(runtime: Runtime): StartableAction[] {
  return [...runtime.actions.values()].map((action) => {
    const { name, description, schema } = action.toJSON();
    const more = { ...(description === undefined ? {} : { description }), ...(schema === undefined ? {} : { schema }) };
    return { name, kind: action.kind, ...more };
  });
}

function startAction(
  runtime: Runtime,
  action: Action<never, unknown> | CoroutineAction,
  params: unknown,
  tag: string | undefined,
): AsyncRef | Coroutine {
  const options = { ...(tag === undefined ? {} : { tag }) };
  // What fits the action is checked by its own schema.
  if (action.kind === 'coroutine') return runtime.coroutine(action, params as never, {}, { ...options, onStep: () => {} });
  return runtime.start(action, params as never, {}, options);
}

function fieldsOf(body: Body, known: readonly string[]): Body {
  const strange = Object.keys(body).filter((key) => !known.includes(key));
  if (strange.length > 0)
    throw new RequestError(
      400,
      `\`${strange.join('`, `')}\`: not known here${known.length === 0 ? '' : `; known are ${known.join(', ')}`}`,
    );
  return body;
}

function refusing<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!isHeddleError(error)) throw error;
    throw new RequestError(statusOf(error), error.message);
  }
}

function statusOf({ type }: HeddleError): number {
  if (type === 'not_found') return 404;
  if (type === 'not_suspended') return 409;
  return type === 'closed' ? 503 : 400;
}
