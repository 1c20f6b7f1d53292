import { toHeddleError } from '@heddle/core/engine';
import type { ObserverSlot } from './inspect/observer.ts';
import type { Lane } from './lane/lane.ts';
import { type Logger, writeLaneRecord } from './logger.ts';
import type { Carrier } from './propagation/carrier.ts';
import { decodeError } from './protocol/codec.ts';
import {
  type ConsoleOutput,
  type LogOutput,
  OUTPUT_CONSOLE,
  OUTPUT_LOG,
  OUTPUT_PROGRESS,
  OUTPUT_PROPAGATOR,
  OUTPUT_STRAY,
  OUTPUT_TOLD,
  type ProgressOutput,
  type PropagatorOutput,
  type StrayOutput,
  type ToldOutput,
} from './protocol/output.ts';
import type { Reporter } from './reporter.ts';

/** What a lane says beside outcomes. None of it changes where a task stands. */
export type SideMessage = ProgressOutput | LogOutput | ConsoleOutput | StrayOutput | PropagatorOutput | ToldOutput;

/** Passes on what lanes say beside outcomes: progress to its task, records to the logger, text to the terminal, stray errors to whoever listens. */
export class SideMessages {
  readonly #idPrefix: string;
  readonly #logger: Logger;
  readonly #reporter: Reporter;
  readonly #carrier: Carrier | undefined;
  readonly #observed: ObserverSlot;
  readonly #hasTenants: boolean;

  /** `hasTenants`: whether records say whose their task is. */
  constructor(
    idPrefix: string,
    logger: Logger,
    reporter: Reporter,
    carrier: Carrier | undefined,
    observed: ObserverSlot,
    hasTenants: boolean,
  ) {
    this.#idPrefix = idPrefix;
    this.#logger = logger;
    this.#reporter = reporter;
    this.#carrier = carrier;
    this.#observed = observed;
    this.#hasTenants = hasTenants;
  }

  receive(lane: Lane, message: SideMessage): void {
    lane.took();
    switch (message[0]) {
      case OUTPUT_PROGRESS:
        this.#progress(lane, message);
        return;
      case OUTPUT_LOG:
        this.#observed.current?.logged(message, lane.threadId);
        this.#log(lane, message);
        return;
      case OUTPUT_CONSOLE:
        process[message[1]].write(message[2]);
        return;
      case OUTPUT_STRAY:
        this.#stray(lane, message);
        return;
      case OUTPUT_PROPAGATOR:
        this.#carrier?.failed(message[1], message[2], toHeddleError(decodeError(message[3])), lane.threadId);
        return;
      case OUTPUT_TOLD:
        this.#carrier?.told(message[1], message[2]);
        return;
    }
  }

  #log(lane: Lane, record: LogOutput): void {
    // Looked for among what is on the lane: a record is rare beside a task, and threads need not know whose a task is.
    const tenant = this.#hasTenants ? lane.tasks().find(({ key }) => key === record[1])?.tenant : undefined;
    const origin = { idPrefix: this.#idPrefix, threadId: lane.threadId, tenant };
    this.#reporter.guard('logger', undefined, () => writeLaneRecord(this.#logger, record, origin));
  }

  #progress(lane: Lane, [, slot, generation, details]: ProgressOutput): void {
    const task = lane.at(slot, generation);
    if (task === undefined) return;
    task.progress = details;
    const { onProgress } = task.options;
    if (onProgress !== undefined)
      this.#reporter.guard('onProgress', this.#idPrefix + task.key, () => onProgress(details), task.options.telemetry === 'silent');
  }

  #stray(lane: Lane, [, task, action, error]: StrayOutput): void {
    const whose = { ...(task === undefined ? {} : { taskId: this.#idPrefix + task }), ...(action === undefined ? {} : { action }) };
    this.#reporter.tell({ kind: 'strayError', error: toHeddleError(decodeError(error)), threadId: lane.threadId, ...whose });
  }
}
