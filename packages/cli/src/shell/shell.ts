import type { Readable, Writable } from 'node:stream';
import type { Isolation, Runtime, RuntimeEvent, TaskDefaults } from '@heddle/worker-pool';
import type { ExitCode, Signal } from './exit-code.ts';
import type { ScreenLogger } from './logger.ts';

/** A stream a person may be looking at. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command asks of a runtime; the rest are the runtime's own defaults. */
export interface RuntimeRequest {
  readonly threads?: { readonly min?: number; readonly max?: number; readonly concurrency?: number };
  readonly isolation?: Isolation;
  readonly defaults?: TaskDefaults;
  readonly logger: ScreenLogger;
  /** Told what no outcome tells. */
  readonly onEvent?: (event: RuntimeEvent) => void;
}

/**
 * Everything a command touches outside itself, so that it runs in a process of its own or in a test alike.
 * Results go to `stdout`; everything else goes to `stderr`.
 */
export interface Shell {
  /** Opened when first read: a command that reads no stdin must not hold it. */
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Screen;
  readonly stderr: Screen;
  /** What relative paths are relative to. */
  readonly cwd: string;
  /** How many tasks this machine runs at once. */
  readonly parallelism: number;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** CPU time of the process, all threads, in milliseconds. */
  cpuMs(): number;
  /** Calls `handler` at each signal, in place of the process ending; answers how to stop that. */
  onSignal(handler: (signal: Signal) => void): () => void;
  /** What actions print by `console.log` goes nowhere from now on; answers how to stop that. */
  mute(): () => void;
  /** Ends the process here and now. */
  exit(code: ExitCode): void;
  createRuntime(request: RuntimeRequest): Runtime;
}
