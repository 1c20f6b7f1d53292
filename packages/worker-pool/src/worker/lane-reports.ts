import type { ActionMetadata, Outcome } from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import type { LanePace } from '../lane/pace.ts';
import { encodeError } from '../protocol/codec.ts';
import type { LaneSettings, TaskInput } from '../protocol/input.ts';
import { OUTPUT_CONSOLE, OUTPUT_LOG, OUTPUT_PROGRESS, OUTPUT_RETIRE, OUTPUT_STRAY, OUTPUT_TOLD } from '../protocol/output.ts';
import type { PackOutput } from '../protocol/pack.ts';
import type { RowWriter } from '../protocol/row.ts';
import { uncloneableError } from '../protocol/uncloneable.ts';
import { createRedactor, type Redactor } from '../redactor.ts';
import { encodeLogRecord, isLogged } from './log-record.ts';
import { OutcomeBuffer } from './outcome-buffer.ts';

/** What a lane says to its host, in one order for everything: what was finished before goes first. */
export class LaneReports {
  readonly #settings: Pick<LaneSettings, 'port' | 'logLevel'>;
  readonly #outcomes: OutcomeBuffer;
  readonly #redactor: Redactor;
  readonly #pace: LanePace | undefined;
  #retiring = false;
  /** A pack that runs, which holds results of its own. */
  pack: { flush(): void } | undefined = undefined;

  /** `pace`: of a lane that may be made to wait, in a thread of its own. */
  constructor(settings: LaneSettings, pace: LanePace | undefined) {
    this.#settings = settings;
    this.#pace = pace;
    this.#outcomes = new OutcomeBuffer(settings.port);
    this.#redactor = createRedactor(settings.redact);
  }

  /** How a task ended. `last`: nothing follows at once. Answers whether outcomes were posted. */
  outcome(slot: number, action: string, outcome: Outcome, durationUs: number, last: boolean, rows: RowWriter | undefined): boolean {
    return this.#outcomes.push(slot, action, outcome, durationUs, last, rows);
  }

  /** How a task ended whose result takes something along. */
  outcomeMoved(slot: number, action: string, outcome: Outcome, durationUs: number, moved: readonly object[]): void {
    this.#outcomes.move(slot, action, outcome, durationUs, moved);
  }

  /** Posts the outcomes that are held. */
  flush(): void {
    this.pack?.flush();
    this.#outcomes.flush();
  }

  post(message: readonly unknown[]): void {
    this.flush();
    this.#settings.port.postMessage(message);
  }

  /** Posts results of the pack itself. */
  postPack(message: PackOutput, transfer: readonly ArrayBuffer[]): void {
    this.#settings.port.postMessage(message, transfer);
  }

  /** Posts what may come without end, no faster than the host takes it. */
  #say(message: readonly unknown[]): void {
    this.#outcomes.flush();
    this.#pace?.wait();
    this.#settings.port.postMessage(message);
    this.#pace?.posted();
  }

  print(stream: 'stdout' | 'stderr', text: string): void {
    this.#say([OUTPUT_CONSOLE, stream, text]);
  }

  /** An error nobody caught, of a task that has ended or of nobody that can be named. */
  stray(task: TaskInput | undefined, action: string | undefined, thrown: unknown): void {
    this.#say([OUTPUT_STRAY, task?.task, action, encodeError(toHeddleError(thrown))]);
  }

  /** What a propagator tells its other half. Throws what Node throws where it does not clone. */
  told(propagator: number, message: unknown): void {
    this.#say([OUTPUT_TOLD, propagator, message]);
  }

  /** Asks the host to replace this lane once it is idle. */
  retire(): void {
    if (this.#retiring) return;
    this.#retiring = true;
    this.post([OUTPUT_RETIRE]);
  }

  progress(task: TaskInput, action: string, details: unknown): void {
    try {
      this.#say([OUTPUT_PROGRESS, task.slot, task.generation, details]);
    } catch (cause) {
      throw uncloneableError(action, 'progress', details, cause);
    }
  }

  log(
    task: TaskInput,
    action: ActionMetadata,
    level: string,
    fields: Readonly<Record<string, unknown>> | undefined,
    message: string | undefined,
  ): void {
    if (!isLogged(level, this.#settings.logLevel)) return;
    const [told, text] = encodeLogRecord(fields, message, this.#redactor);
    const record = [OUTPUT_LOG, task.task, task.attempt, action.name, level] as const;
    try {
      this.#say([...record, told, text]);
    } catch {
      // What is left that does not clone is rare: memory that was moved away.
      this.#say([...record, { unlogged: Object.keys(told ?? {}), reason: 'the fields cannot be cloned' }, text]);
    }
  }
}
