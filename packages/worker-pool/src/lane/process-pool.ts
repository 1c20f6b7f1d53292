import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ResourceLimits } from 'node:worker_threads';
import { HeddleError } from '@heddle/core';
import workerpool, { type Pool } from 'workerpool';
import { type Clock, systemClock } from '../clock.ts';
import type { LanePort } from '../protocol/port.ts';
import { TO_PROCESS } from '../protocol/process-codec.ts';
import { createProcessPorts } from '../protocol/process-port.ts';
import { LEASE_OPEN, type ProcessSettings } from '../protocol/process-settings.ts';
import type { Crossing } from '../protocol/uncloneable.ts';
import { type ClaimFile, createClaimFile, FileHostClaims } from './claim-file.ts';
import { resourceFlags } from './resource-flags.ts';
import type { LaneThread, ThreadEnd, ThreadPool } from './thread-pool.ts';

/** How processes are started. */
export interface ProcessPoolOptions {
  readonly settings: Omit<ProcessSettings, 'claims'>;
  readonly resourceLimits: ResourceLimits | undefined;
  readonly env: NodeJS.ProcessEnv | undefined;
  /** Node's flags for a process that has to read and write its claim file. */
  readonly execArgv: (claims: string) => readonly string[];
  readonly openTimeoutMs: number;
}

const ENTRY = fileURLToPath(new URL('../worker/process-entry.js', import.meta.url));
const MAX_PROCESSES = 1024;
const CHANNEL_CLOSE_LIMIT_MS = 1000;

/**
 * Processes from workerpool, each leased once. The only file that knows workerpool.
 *
 * A lease is a task that makes a lane of its process and never settles, so that the pool takes the process for busy and leaves it alone;
 * from then on we talk over the same channel, in messages that the pool does not know.
 */
export function createProcessPool(options: ProcessPoolOptions): ThreadPool {
  return new ProcessPool(options, systemClock);
}

class ProcessPool implements ThreadPool {
  readonly #options: ProcessPoolOptions;
  readonly #clock: Clock;
  readonly #pool: Pool;
  /** Started and not ended. */
  readonly #children = new Set<ChildProcess>();
  #closed = false;
  // What the next process is started with.
  #flags: readonly string[] = [];

  constructor(options: ProcessPoolOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#pool = this.#createPool(options);
  }

  async open(): Promise<LaneThread> {
    if (this.#closed) throw new HeddleError('closed', 'The pool of processes is closed');
    let file: ClaimFile | undefined;
    let claims: FileHostClaims | undefined;
    try {
      file = createClaimFile();
      claims = new FileHostClaims(file.descriptor);
      return await this.#lease(file.path, claims);
    } catch (cause) {
      claims?.close();
      const why = cause instanceof Error ? cause.message.split('\n', 3).join(' ') : String(cause);
      throw new HeddleError('worker_lost', `A process could not be started: ${why}`, { cause });
    } finally {
      file?.unlink();
    }
  }

  #createPool({ env, resourceLimits }: ProcessPoolOptions): Pool {
    return workerpool.pool(ENTRY, {
      workerType: 'process',
      // Pipes, so that what is written goes where this process writes, also where somebody has put something in its way.
      emitStdStreams: true,
      maxWorkers: MAX_PROCESSES,
      // We end processes ourselves; of one that has ended, the pool is to let go at once.
      workerTerminateTimeout: 1,
      onCreateWorker: () => ({
        forkOpts: {
          serialization: 'advanced',
          execArgv: new Flags(...this.#flags, ...resourceFlags(resourceLimits)),
          ...(env === undefined ? {} : { env }),
        },
      }),
    });
  }

  #lease(path: string, claims: FileHostClaims): Promise<LaneThread> {
    this.#flags = this.#options.execArgv(path);
    const settings: ProcessSettings = { ...this.#options.settings, claims: path };
    return new Promise((resolve, reject) => {
      // Every worker there is holds a lease for as long as it lives: this starts one more.
      const lost = this.#pool.exec('lease', [settings], { on: (said) => said === LEASE_OPEN && opened() });
      const child = newestOf(this.#pool, this.#children);
      this.#children.add(child);
      forward(child.stdout, process.stdout);
      forward(child.stderr, process.stderr);
      const thread = new ChildThread(child, claims, this.#clock);
      const { openTimeoutMs } = this.#options;
      const limit = this.#clock.after(openTimeoutMs, () => {
        child.kill('SIGKILL');
        reject(new Error(`it did not answer within ${openTimeoutMs}ms`));
      });
      const opened = (): void => {
        limit.cancel();
        resolve(thread);
      };
      lost.then(ignore, (cause: unknown) => {
        limit.cancel();
        this.#children.delete(child);
        reject(cause);
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const ended = [...this.#children].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(ended);
  }
}

/** Workerpool adds flags of this process behind ours, where they win: its heap's limit must not stand for a lane's. */
class Flags extends Array<string> {
  override concat(added: readonly string[]): string[] {
    const own = this.some(isHeapLimit);
    return [...this, ...added.filter((flag) => !own || !isHeapLimit(flag))];
  }
}

function isHeapLimit(flag: string): boolean {
  return flag.startsWith('--max-old-space-size') || flag.startsWith('--max_old_space_size');
}

/** The process that was started last: the pool has a name for it in its code, none in its types. */
function newestOf(pool: Pool, known: ReadonlySet<ChildProcess>): ChildProcess {
  const { workers } = pool as unknown as { readonly workers: readonly { readonly worker: ChildProcess }[] };
  const child = workers.at(-1)?.worker;
  if (child === undefined || known.has(child)) throw new Error(`there are ${workers.length} already`);
  return child;
}

/** Passes on what a lane writes past `console`, and what Node writes as it crashes. Holds nobody. */
function forward(from: Readable | null, to: Writable): void {
  from?.on('data', (chunk: Buffer) => void to.write(chunk));
  if (from instanceof Socket) from.unref();
}

function ignore(): void {}

/** A lane's process, as its host has it. */
class ChildThread implements LaneThread {
  readonly threadId: number;
  readonly port: LanePort;
  readonly services: LanePort;
  readonly claims: FileHostClaims;
  readonly crossing: Crossing = TO_PROCESS;
  readonly #child: ChildProcess;
  #end: ThreadEnd | undefined;
  #disconnected = false;
  #callback: ((end: ThreadEnd) => void) | undefined;

  constructor(child: ChildProcess, claims: FileHostClaims, clock: Clock) {
    const pid = child.pid ?? 0;
    this.threadId = pid;
    this.#child = child;
    this.claims = claims;
    const { port, services } = createProcessPorts(child, (held) => this.#hold(held));
    this.port = port;
    this.services = services;
    child.once('disconnect', () => {
      this.#disconnected = true;
      this.#endWhenBoth();
    });
    child.once('exit', (code, signal) => {
      this.#end = { exitCode: code ?? undefined, error: undefined, process: { pid, signal: signal ?? undefined } };
      // The channel closes by itself once its last message is delivered. One that the process has handed on to others does not.
      if (!this.#disconnected) clock.after(CHANNEL_CLOSE_LIMIT_MS, () => child.connected && child.disconnect(), true);
      this.#endWhenBoth();
    });
  }

  #hold(held: boolean): void {
    if (held) this.#child.ref();
    else this.#child.unref();
    // While it holds the process, the child does: the channel never has to.
    this.#child.channel?.unref();
  }

  onEnd(callback: (end: ThreadEnd) => void): void {
    this.#callback = callback;
    this.#endWhenBoth();
  }

  terminate(): void {
    this.#child.kill('SIGKILL');
  }

  #endWhenBoth(): void {
    if (this.#end === undefined || !this.#disconnected) return;
    this.claims.close();
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.(this.#end);
  }
}
