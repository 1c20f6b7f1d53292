// Pools of others, and Heddle, behind one small interface: each used as its documentation says, with its own way of stopping a task.
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const BODIES = here('../fixtures/bodies.mjs');
const LIMITS = { maxOldGenerationSizeMb: 48 };

/** @typedef {{ timeoutMs?: number, signal?: AbortSignal, transfer?: readonly ArrayBuffer[] }} RunOptions */

/**
 * @typedef {object} Pool
 * @property {(name: string, params: unknown, options?: RunOptions) => Promise<unknown>} run resolves with the value, rejects with the error
 * @property {() => Promise<unknown>} close
 */

/**
 * @typedef {object} Peer
 * @property {string} stops how a running task is stopped, in words; empty = it cannot be
 * @property {boolean} transfers whether a task can be given a transfer list
 * @property {(file?: string) => Promise<Pool>} open with the tasks of the battery, or those of a file
 * @property {(good: string) => string} source the text of a file with a task `x`, whose body is `good`
 */

/** Of pools that take an AbortSignal. @param {RunOptions} options */
function signalOf({ timeoutMs, signal }) {
  return timeoutMs === undefined ? signal : AbortSignal.timeout(timeoutMs);
}

const exported = (/** @type {string} */ good) => `export const x = () => ${good};\n`;

/** @type {Record<string, Peer>} */
export const PEERS = {
  heddle: {
    stops: '`timeoutMs`, `cancel`',
    transfers: true,
    source: (good) =>
      `import { defineAction } from ${JSON.stringify(import.meta.resolve('@heddle/core'))};\nexport const x = defineAction({ module: import.meta.url, name: 'x', run: () => ${good} });\n`,
    async open(file) {
      const { defineAction } = await import('@heddle/core');
      const { createRuntime } = await import('@heddle/worker-pool');
      const actions = /** @type {Record<string, unknown>} */ (await import('../fixtures/actions.mjs'));
      const ignore = () => {};
      const logger = { level: 'silent', trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore };
      const runtime = createRuntime({ threads: { min: 2, max: 2 }, graceMs: 20, loadTimeoutMs: 1500, resourceLimits: LIMITS, logger });
      const actionOf = (/** @type {string} */ name) =>
        file === undefined ? actions[name] : defineAction({ module: pathToFileURL(file).href, name, run: () => undefined });
      return {
        async run(name, params, { timeoutMs = Number.POSITIVE_INFINITY, signal, transfer } = {}) {
          const options = { maxRetries: 0, timeoutMs, ...(signal && { signal }), ...(transfer && { transfer }) };
          const outcome = await runtime.run(/** @type {any} */ (actionOf(name)), params, {}, options);
          if (!outcome.ok) throw outcome.error;
          return outcome.value;
        },
        close: () => runtime.close({ graceMs: 0 }),
      };
    },
  },
  piscina: {
    stops: '`AbortSignal`',
    transfers: true,
    source: exported,
    async open(file = BODIES) {
      const { Piscina } = await import('piscina');
      const pool = new Piscina({ minThreads: 2, maxThreads: 2, resourceLimits: LIMITS });
      pool.on('error', () => {});
      return {
        run(name, params, options = {}) {
          const signal = signalOf(options);
          return pool.run(params, {
            filename: file,
            name,
            ...(signal && { signal }),
            ...(options.transfer && { transferList: [...options.transfer] }),
          });
        },
        close: () => pool.destroy(),
      };
    },
  },
  tinypool: {
    stops: '`AbortSignal`',
    transfers: true,
    source: exported,
    async open(file = BODIES) {
      const { Tinypool } = await import('tinypool');
      const pool = new Tinypool({ filename: pathToFileURL(file).href, minThreads: 2, maxThreads: 2, resourceLimits: LIMITS });
      pool.on('error', () => {});
      return {
        run(name, params, options = {}) {
          const signal = signalOf(options);
          return pool.run(params, { name, ...(signal && { signal }), ...(options.transfer && { transferList: [...options.transfer] }) });
        },
        close: () => pool.destroy(),
      };
    },
  },
  workerpool: {
    stops: '`.timeout()`, `.cancel()`',
    transfers: true,
    source: (good) =>
      `import workerpool from ${JSON.stringify(import.meta.resolve('workerpool'))};\nworkerpool.worker({ x: () => ${good} });\n`,
    async open(file = here('workerpool-thread.mjs')) {
      const { default: workerpool } = await import('workerpool');
      const pool = workerpool.pool(file, {
        minWorkers: 2,
        maxWorkers: 2,
        workerType: 'thread',
        workerThreadOpts: { resourceLimits: LIMITS },
      });
      return {
        async run(name, params, { timeoutMs, signal, transfer } = {}) {
          const promise = pool.exec(name, [params], transfer && { transfer: [...transfer] });
          signal?.addEventListener('abort', () => void promise.cancel(), { once: true });
          return timeoutMs === undefined ? promise : promise.timeout(timeoutMs);
        },
        close: async () => pool.terminate(true),
      };
    },
  },
  poolifier: {
    stops: '`AbortSignal`',
    transfers: true,
    source: (good) =>
      `import { ThreadWorker } from ${JSON.stringify(import.meta.resolve('poolifier'))};\nexport default new ThreadWorker({ x: () => ${good} });\n`,
    async open(file = here('poolifier-thread.mjs')) {
      const { FixedThreadPool } = await import('poolifier');
      const pool = new FixedThreadPool(2, file, {
        errorHandler: () => {},
        workerChoiceStrategy: 'LEAST_USED',
        workerOptions: { resourceLimits: LIMITS },
      });
      pool.emitter?.on('error', () => {});
      return {
        async run(name, params, options = {}) {
          return pool.execute(
            /** @type {any} */ (params),
            name,
            signalOf(options),
            options.transfer && /** @type {any} */ ([...options.transfer]),
          );
        },
        close: () => pool.destroy(),
      };
    },
  },
  'jest-worker': {
    stops: '',
    transfers: false,
    source: exported,
    async open(file = BODIES) {
      const { Worker } = await import('jest-worker');
      const { echo: _, ...rest } = await import('../fixtures/bodies.mjs');
      const exposedMethods = ['x', 'echo', ...Object.keys(rest)];
      const pool = /** @type {any} */ (
        new Worker(file, { numWorkers: 2, enableWorkerThreads: true, exposedMethods, resourceLimits: LIMITS })
      );
      return { run: async (name, params) => pool[name](params), close: () => pool.end() };
    },
  },
};

/** The version of each that is installed. @param {string} name */
export function versionOf(name) {
  if (name === 'heddle') return require('../../../packages/worker-pool/package.json').version;
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return require(`${folder}/${name}/package.json`).version;
    } catch {
      // Further up.
    }
  }
  return 'unknown';
}
