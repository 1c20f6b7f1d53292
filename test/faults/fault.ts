import type { HeddleErrorType, Outcome } from '@heddle/core';
import type { RuntimeOptions } from '@heddle/worker-pool';
import type { FAULTS } from './catalogue.mjs';
import type { World } from './world.ts';

/** The id of a fault of the catalogue. */
type FaultId = (typeof FAULTS)[number]['id'];

/** How the task at fault has to end. */
export type Expected =
  | { readonly value: unknown }
  | { readonly type: HeddleErrorType; readonly message?: RegExp; readonly details?: Readonly<Record<string, unknown>> };

/**
 * One case of a fault: what causes it, and how that has to end. Everything else is the same for all: one outcome for each task, a
 * neighbour on another thread that goes on unharmed, a next task that succeeds, nothing left behind after the close.
 */
export interface FaultCase {
  readonly fault: FaultId;
  /** Which case, where a fault has several. */
  readonly of?: string;
  readonly cause: (world: World) => Promise<Outcome>;
  readonly expected: Expected;
  /** What else has to hold once it has ended. */
  readonly after?: (world: World) => Promise<void>;
}

/** A fault that no single task has: its whole check, on a runtime of its own or on several. */
export interface FaultCheck {
  readonly fault: FaultId;
  readonly of?: string;
  /** Of the runtime that is opened for it. */
  readonly options?: RuntimeOptions;
  readonly check: (world: World) => Promise<void>;
}
