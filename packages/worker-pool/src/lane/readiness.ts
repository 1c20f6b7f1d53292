import { HeddleError } from '@heddle/core';
import type { LaneScheduler } from '../scheduler/ports.ts';
import type { Task } from '../task.ts';

/** Those who wait for lanes to serve. */
export class Readiness {
  readonly #scheduler: Pick<LaneScheduler<Task>, 'lanes' | 'maxLanes'>;
  #waiting: ((error: HeddleError | undefined) => void)[] = [];
  #closed = false;
  /** The most lanes that anybody has asked to be ready. */
  asked = 0;

  constructor(scheduler: LaneScheduler<Task>) {
    this.#scheduler = scheduler;
  }

  /** Settles when `count` lanes serve, or with the error when one cannot be started. */
  wait(count: number): Promise<void> {
    this.asked = Math.max(this.asked, count);
    if (this.#closed) return Promise.reject(new HeddleError('closed', 'The runtime is closed'));
    return new Promise((resolve, reject) => {
      const check = (error: HeddleError | undefined): void => {
        if (error !== undefined) reject(error);
        else if (this.#scheduler.lanes >= Math.min(count, this.#scheduler.maxLanes)) resolve();
        else this.#waiting.push(check);
      };
      check(undefined);
    });
  }

  /** A lane has come, or could not. */
  tell(error?: HeddleError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const check of waiting) check(error);
  }

  close(): void {
    this.#closed = true;
    this.tell(new HeddleError('closed', 'The runtime was closed before its lanes were open'));
  }
}
