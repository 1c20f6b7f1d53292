import { heddle } from '@heddle/fastify';
import fastify, { type FastifyInstance } from 'fastify';
import { Piscina } from 'piscina';
import { type Risky, risky } from '../work/risky.ts';
import { riskyAction } from '../work/risky-action.ts';

/** What a server process is to be. */
export interface ServerOrder {
  readonly kind: ServerKind;
  readonly threads: number;
  /** Of a healthy task. */
  readonly iterations: number;
  /** For each healthy task that a request is worth. */
  readonly timeoutMs: number;
}

/** `tenants`: Heddle, where each route leaves a thread to the others. */
export type ServerKind = 'heddle' | 'tenants' | 'piscina';

/** Runs a task for a request, or throws an error with a `statusCode`. */
type Run = (params: Risky, route: string, timeoutMs: number) => Promise<number>;

const order = JSON.parse(process.argv[2] ?? '{}') as ServerOrder; // written by `startServer`
const app = fastify();
const run = await (order.kind === 'piscina' ? withPiscina(app, order) : withHeddle(app, order));
/** Requests that have been taken in, and those that have been answered. */
let accepted = 0;
app.addHook('onRequest', async () => {
  accepted++;
});
for (const route of ['/healthy', '/risky'])
  app.get(route, async (request) => {
    const { forEver, times = '1' } = request.query as { readonly forEver?: string; readonly times?: string }; // as the scenario asks
    const params = { iterations: order.iterations * Number(times), seed: 7, forEver: forEver !== undefined };
    const value = await run(params, route, order.timeoutMs * Number(times));
    return { value };
  });
await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.(app.listeningOrigin);
process.on('message', () => process.send?.(accepted));
// A scenario that is gone needs no server.
process.on('disconnect', () => process.exit(1));

async function withHeddle(server: FastifyInstance, { kind, threads }: ServerOrder): Promise<Run> {
  await server.register(heddle, {
    threads: { min: threads, max: threads },
    graceMs: 20,
    drainMs: 60_000,
    defaults: { maxRetries: 0 },
    ...(kind === 'tenants' ? { tenants: { concurrency: Math.max(1, threads - 1) } } : {}),
  });
  return async (params, route, timeoutMs) => {
    const outcome = await server.heddle.run(riskyAction, params, {}, { tenant: route, timeoutMs });
    if (outcome.ok) return outcome.value;
    throw Object.assign(new Error(outcome.error.message), { statusCode: outcome.error.type === 'timeout' ? 504 : 500 });
  };
}

/** What somebody writes by hand who knows that a task may spin: a signal that ends its thread, and a drain. */
async function withPiscina(server: FastifyInstance, { threads }: ServerOrder): Promise<Run> {
  const pool = new Piscina<Risky, number>({
    filename: new URL('../work/risky.js', import.meta.url).href,
    name: risky.name,
    minThreads: threads,
    maxThreads: threads,
  });
  // Aborting a task that no longer waits is said as an event, too.
  pool.on('error', () => {});
  process.once('SIGTERM', async () => {
    await server.close();
    await pool.destroy();
    process.exit(0);
  });
  return async (params, _route, timeoutMs) => {
    const late = new AbortController();
    // From when it is asked for: a pool does not say when a task begins.
    const timer = setTimeout(() => late.abort(), timeoutMs);
    try {
      return await pool.run(params, { signal: late.signal });
    } catch (thrown) {
      throw Object.assign(new Error(String(thrown)), { statusCode: late.signal.aborted ? 504 : 500 });
    } finally {
      clearTimeout(timer);
    }
  };
}
