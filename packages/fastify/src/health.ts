import type { Runtime } from '@heddle/worker-pool';
import type { FastifyInstance, FastifyReply, FastifySchema } from 'fastify';
import type { ParsedPluginOptions } from './options.ts';

/** What the routes of health need to know of the app. */
export interface AppState {
  readonly runtime: Runtime;
  /** The lanes are open. */
  open: boolean;
  /** The app is being closed: what was accepted is answered, nothing else should come. */
  draining: boolean;
}

/** `hide` is for OpenAPI; Fastify itself does not know it. */
const HIDDEN: FastifySchema & { readonly hide: true } = { hide: true };
const ROUTE = { logLevel: 'silent', schema: HIDDEN } as const;

/** Adds the routes that an orchestrator asks. */
export function addHealth(app: FastifyInstance, { live, ready, readyWhen }: ParsedPluginOptions, state: AppState): void {
  if (live !== undefined) app.get(live, ROUTE, async () => ({ status: 'ok' }));
  if (ready === undefined) return;
  app.get(ready, ROUTE, async (_request, reply: FastifyReply) => {
    const stats = state.runtime.stats();
    const status = statusOf(state, () => readyWhen(stats));
    if (status !== 'ready') reply.code(503);
    const { queued, running, lanes } = stats;
    return { status, queued, running, lanes: lanes.length };
  });
}

function statusOf({ open, draining }: AppState, isReady: () => boolean): 'ready' | 'starting' | 'draining' | 'busy' {
  if (draining) return 'draining';
  if (!open) return 'starting';
  return isReady() ? 'ready' : 'busy';
}
