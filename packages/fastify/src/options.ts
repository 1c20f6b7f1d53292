import type { Context, Runtime, RuntimeOptions, RuntimeStats } from '@heddle/worker-pool';
import type { FastifyRequest } from 'fastify';

/** Where the two questions of an orchestrator are answered. Source: DESIGN, "Who uses it". */
export interface HealthOptions {
  /** Whether the process is alive: always 200. `false` = no such route. @defaultValue '/health' */
  readonly live?: string | false;
  /** Whether requests should come here: 200, or 503 before the lanes are open and while the app drains. `false` = no such route. @defaultValue '/ready' */
  readonly ready?: string | false;
  /** More that has to hold for `ready`: a short queue, say. */
  readonly readyWhen?: (stats: RuntimeStats) => boolean;
}

/** What the plugin is registered with: a runtime's options and these. */
export interface HeddlePluginOptions extends RuntimeOptions {
  /** A runtime that is there already. Its owner closes it; no other option of a runtime may stand beside it. */
  readonly runtime?: Runtime;
  /** @defaultValue `{ live: '/health', ready: '/ready' }` */
  readonly health?: HealthOptions | false;
  /**
   * On SIGTERM and SIGINT: no new connections, what was accepted is answered, then the process exits with 0. Milliseconds it may take; then
   * it exits with 1. A second signal exits at once. `false` = signals are the app's own business. @defaultValue 10000
   */
  readonly drainMs?: number | false;
  /** What a client is told that comes while the queue is full. Seconds. @defaultValue 1 */
  readonly retryAfterSeconds?: number | ((stats: RuntimeStats) => number);
  /** The context of tasks that requests start. @defaultValue `{ requestId: request.id }` */
  readonly context?: (request: FastifyRequest) => Context;
  /** Whose a request is: its tasks belong to that tenant, unless a call says otherwise. @defaultValue nobody's */
  readonly tenant?: (request: FastifyRequest) => string | undefined;
}

/** The plugin's own options, complete. */
export interface ParsedPluginOptions {
  readonly runtime: Runtime | undefined;
  readonly runtimeOptions: RuntimeOptions;
  readonly live: string | undefined;
  readonly ready: string | undefined;
  readonly readyWhen: (stats: RuntimeStats) => boolean;
  readonly drainMs: number | undefined;
  readonly retryAfterSeconds: (stats: RuntimeStats) => number;
  readonly context: (request: FastifyRequest) => Context;
  readonly tenant: ((request: FastifyRequest) => string | undefined) | undefined;
}

const DEFAULT_DRAIN_MS = 10_000;
const HEALTH_KEYS: ReadonlySet<string> = new Set(['live', 'ready', 'readyWhen']);

/**
 * Checks what the plugin was registered with; every fault is named at once. Those of a runtime's own options are named by `createRuntime`.
 *
 * @throws TypeError
 */
export function parsePluginOptions(given: HeddlePluginOptions): ParsedPluginOptions {
  // Fastify puts these there itself.
  const { runtime, health, drainMs, retryAfterSeconds, context, tenant, ...rest } = withoutRouting(given);
  const faults = [
    ...(runtime === undefined || Object.keys(rest).length === 0
      ? []
      : [`\`${Object.keys(rest).join('`, `')}\` cannot be given beside \`runtime\`: it has options of its own`]),
    ...healthFaults(health),
    ...(drainMs === undefined || drainMs === false || isSpan(drainMs)
      ? []
      : [`\`drainMs\` must be milliseconds ≥ 0, or false; got ${String(drainMs)}`]),
    ...(retryAfterSeconds === undefined || typeof retryAfterSeconds === 'function' || isSpan(retryAfterSeconds)
      ? []
      : [`\`retryAfterSeconds\` must be seconds ≥ 0, or a function; got ${String(retryAfterSeconds)}`]),
    ...(context === undefined || typeof context === 'function' ? [] : ['`context` must be a function of the request']),
    ...(tenant === undefined || typeof tenant === 'function' ? [] : ['`tenant` must be a function of the request']),
  ];
  if (faults.length > 0) throw new TypeError(`Invalid options of the heddle plugin: ${faults.join('; ')}`);
  const routes: HealthOptions = health === false ? { live: false, ready: false } : (health ?? {});
  const { live = '/health', ready = '/ready', readyWhen = () => true } = routes;
  return {
    runtime,
    runtimeOptions: rest,
    live: live === false ? undefined : live,
    ready: ready === false ? undefined : ready,
    readyWhen,
    drainMs: drainMs === false ? undefined : (drainMs ?? DEFAULT_DRAIN_MS),
    retryAfterSeconds: typeof retryAfterSeconds === 'function' ? retryAfterSeconds : () => retryAfterSeconds ?? 1,
    context: context ?? (({ id }) => ({ requestId: id })),
    tenant,
  };
}

function withoutRouting(given: HeddlePluginOptions): HeddlePluginOptions {
  const { prefix, logLevel, logSerializers, ...rest } = given as HeddlePluginOptions & Record<string, unknown>;
  return rest;
}

function healthFaults(health: unknown): string[] {
  if (health === undefined || health === false) return [];
  if (typeof health !== 'object' || health === null) return ['`health` must be an object, or false'];
  const { live, ready, readyWhen } = health as Record<string, unknown>;
  const isPath = (value: unknown): boolean =>
    value === undefined || value === false || (typeof value === 'string' && value.startsWith('/'));
  return [
    ...(isPath(live) ? [] : ['`health.live` must be a path that begins with /, or false']),
    ...(isPath(ready) ? [] : ['`health.ready` must be a path that begins with /, or false']),
    ...(readyWhen === undefined || typeof readyWhen === 'function' ? [] : ['`health.readyWhen` must be a function']),
    ...Object.keys(health)
      .filter((key) => !HEALTH_KEYS.has(key))
      .map((key) => `\`health.${key}\` is not an option`),
  ];
}

function isSpan(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}
