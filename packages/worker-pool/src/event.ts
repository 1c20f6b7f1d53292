import type { HeddleError } from '@heddle/core';

/**
 * Something an operator should know that no outcome tells. Given to `onEvent` and written to the logger.
 * Facts, in the past tense; plain data but for the error.
 */
export type RuntimeEvent =
  /** A late timer or a floating promise of a finished task threw. `taskId` is absent where Node cannot tell whose it was. Source: SEMANTICS E-11. */
  | {
      readonly kind: 'strayError';
      readonly error: HeddleError;
      readonly threadId: number;
      readonly taskId?: string;
      readonly action?: string;
    }
  /** A thread ended that nobody asked to end. Source: SEMANTICS E-10. */
  | {
      readonly kind: 'laneLost';
      readonly threadId: number;
      readonly error: HeddleError;
      readonly tasksLost: number;
      readonly tasksMoved: number;
    }
  /** A thread was told to terminate and has not: it is stuck in native code. Source: SEMANTICS E-7. */
  | {
      readonly kind: 'zombie';
      readonly threadId: number;
      readonly taskId?: string;
      readonly action?: string;
      readonly tenant?: string;
    }
  /** A zombie's thread has ended after all. */
  | { readonly kind: 'zombieEnded'; readonly threadId: number }
  /** A thread could not be started; waiting tasks are failed with this error when no other lane is left. */
  | { readonly kind: 'laneFailed'; readonly error: HeddleError }
  /** A spawned child goes on though its parent's attempt is over: its `onParentDeath` is `orphan`. Source: SEMANTICS W-6. */
  | {
      readonly kind: 'taskOrphaned';
      readonly taskId: string;
      readonly action: string;
      readonly parentId: string;
      readonly tenant?: string;
    }
  /** A handler of an agent failed; what becomes of the agent, its `failurePolicy` says. Source: SEMANTICS W-1. */
  | {
      readonly kind: 'signalFailed';
      readonly agentId: string;
      readonly agent: string;
      readonly signal: string;
      readonly error: HeddleError;
    }
  /** An agent goes on from its last good state, after a failed handler or a lost thread. `restarts` counts them. */
  | {
      readonly kind: 'agentRestarted';
      readonly agentId: string;
      readonly agent: string;
      readonly restarts: number;
      readonly error: HeddleError;
    }
  /**
   * The process used more than `memory.maxRssMb`. `threadId` is of the thread that was ended for it, which held `heldMb` where Node can
   * tell; absent when no thread held enough for its end to help.
   */
  | {
      readonly kind: 'memoryExceeded';
      readonly rssMb: number;
      readonly maxRssMb: number;
      readonly heldMb?: number;
      readonly threadId?: number;
    }
  /** A callback of the user's (`onProgress`, `retryIf`) threw; the task is not changed by it. */
  | { readonly kind: 'callbackFailed'; readonly callback: string; readonly error: HeddleError; readonly taskId: string }
  /**
   * A propagator that is not strict failed; its tasks go on without what it carries. Told once for each propagator and place; `threadId`
   * is that of the first lane it failed on, absent for `capture` and `receive`. Source: SEMANTICS R-10.
   */
  | {
      readonly kind: 'propagatorFailed';
      readonly propagator: string;
      readonly place: 'capture' | 'load' | 'attach' | 'detach' | 'receive';
      readonly error: HeddleError;
      readonly threadId?: number;
    };

/** Whose a task is, for events: nothing where it is nobody's. */
export function tenantOf({ tenant }: { readonly tenant: string | undefined }): { readonly tenant?: string } {
  return tenant === undefined ? {} : { tenant };
}
