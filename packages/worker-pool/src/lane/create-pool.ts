import { availableParallelism } from 'node:os';
import { HeddleError } from '@heddle/core';
import { laneSettings, type ParsedRuntimeOptions } from '../options.ts';
import { permissionFlags } from '../permissions.ts';
import { fewStarts } from './few-starts.ts';
import { createPiscinaPool } from './piscina-pool.ts';
import type { LaneThread, ThreadPool } from './thread-pool.ts';

/** Milliseconds a lane may take to open. */
const THREAD_OPEN_MS = 10_000;
const PROCESS_OPEN_MS = 30_000;

/** The lanes that a runtime's `isolation` asks for. */
export function createPool(options: ParsedRuntimeOptions, idPrefix: string): ThreadPool {
  const { isolation, permissions, resourceLimits, env, execArgv } = options;
  const settings = laneSettings(options, idPrefix);
  const services = options.services !== undefined;
  const common = { resourceLimits, env };
  switch (isolation) {
    case 'inline':
      return new LazyPool(async () => (await import('./inline-pool.ts')).createInlinePool({ settings, services }));
    case 'process': {
      const flagsOf = (claims: string): readonly string[] => [...execArgv, ...permissionFlags(permissions, [claims])];
      const given = { ...common, settings: { ...settings, services }, execArgv: flagsOf, openTimeoutMs: PROCESS_OPEN_MS };
      return startsFew(new LazyPool(async () => (await import('./process-pool.ts')).createProcessPool(given)));
    }
    case 'thread': {
      const flags = [...execArgv, ...permissionFlags(permissions)];
      return startsFew(createPiscinaPool({ ...common, settings, services, execArgv: flags, openTimeoutMs: THREAD_OPEN_MS }));
    }
  }
}

function startsFew(pool: ThreadPool): ThreadPool {
  return fewStarts(pool, Math.max(2, availableParallelism()));
}

/** Loads what it is made of at the first lane: runtimes on threads never pay for it. */
class LazyPool implements ThreadPool {
  readonly #create: () => Promise<ThreadPool>;
  #pool: Promise<ThreadPool> | undefined;
  #closed = false;

  constructor(create: () => Promise<ThreadPool>) {
    this.#create = create;
  }

  async open(): Promise<LaneThread> {
    this.#pool ??= this.#create();
    const pool = await this.#pool;
    if (this.#closed) throw new HeddleError('closed', 'The pool of lanes is closed');
    return pool.open();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#pool)?.close();
  }
}
