import type { StandardSignals } from './agent-context.ts';
import type { ChildHolder, Completable, Responder } from './completion.ts';
import type { ActionMetadata } from './context.ts';
import type { AwaitOptions, Handle, TaskStatus } from './handle.ts';
import type { Outcome } from './outcome.ts';

/** What may be sent: the agent's own signals and the standard ones. */
export type SignalName<Signals> = Extract<keyof Signals | 'cancel' | 'status', string>;

/** The type of the data that comes with a signal. */
export type SignalInput<Signals, K> = K extends keyof Signals ? Signals[K] : K extends keyof StandardSignals ? StandardSignals[K] : unknown;

/** What follows the signal where it is sent; data may be left out when the handler needs none. */
export type SendArguments<Data> = unknown extends Data ? [data?: unknown] : undefined extends Data ? [data?: Data] : [data: Data];

/** What follows the signal in a call: its data, and how long to wait; a number is `timeoutMs`. */
export type CallArguments<Data> = unknown extends Data
  ? [data?: unknown, options?: number | CallOptions]
  : undefined extends Data
    ? [data?: Data, options?: number | CallOptions]
    : [data: Data, options?: number | CallOptions];

/** How long a call waits for its answer. */
export interface CallOptions {
  /** Milliseconds, waiting in the mailbox included; `Infinity` = no limit. A call that has not begun by then is not handled at all. @defaultValue 5000 */
  readonly timeoutMs?: number;
  /** Ends the wait, with a `cancelled` error; as a timeout does. */
  readonly signal?: AbortSignal;
}

/** What a listener wants to hear of. */
export interface SubscribeOptions {
  /**
   * Instead of the whole state: what stands at these paths, as an array in their order, whenever one of them has changed.
   */
  readonly paths?: readonly (readonly (string | number)[])[];
}

/** What the state of an agent holds as its answer, by the convention of SEMANTICS W-2. */
export type AnswerOf<State> = State extends { readonly lastAnswer?: infer A } ? Exclude<A, undefined> : unknown;

/**
 * The handle of a running agent. Has no `then`. Its `outcome` is how it ended: ok with its last state when it was stopped.
 * Source: SEMANTICS W-1.
 */
export interface AgentRef<State = unknown, Signals = unknown> extends Handle<State>, Completable<AnswerOf<State>>, ChildHolder, Responder {
  /** Unique among the runtime's running agents. */
  readonly id: string;
  readonly agent: ActionMetadata;
  readonly tag: string | undefined;
  /** The name of the scope that started it, else of its runtime or instance. */
  readonly owner: string;
  /** `queued` until it has begun, `suspended` while it waits for signals, `running`, `cancelling`, `settled`. */
  readonly status: TaskStatus;
  /** The thread it lives on, once it does. */
  readonly threadId: number | undefined;
  /** Signals that wait to be handled. */
  readonly queueLength: number;
  /** The agent that spawned or adopted it, by id. */
  readonly parent: string | undefined;
  /** Times it was restarted. */
  readonly restarts: number;
  /**
   * Sends a signal; at once. Signals of one sender are handled in the order they were sent.
   *
   * @throws HeddleError `overloaded` when the mailbox is full; `not_found` when it has ended; `invalid_input` for a signal that it does not
   * handle; `validation_error` for data that the signal's schema refuses; `uncloneable`
   */
  send<K extends SignalName<Signals>>(signal: K, ...rest: SendArguments<SignalInput<Signals, K>>): void;
  /**
   * Sends a signal and waits for the answer: what the handler gave to `ctx.reply`, else the new state. Never rejects; what {@link send}
   * throws is the outcome, and so is the handler's failure.
   */
  call<K extends SignalName<Signals>, R = State>(signal: K, ...rest: CallArguments<SignalInput<Signals, K>>): Promise<Outcome<R>>;
  /** A copy of its state, when what was sent before has been handled. Rejects with `not_found` when it has ended, with `uncloneable`. */
  state(): Promise<State>;
  /**
   * Hears of each new state; when the main thread is busy, of the latest alone. What it throws is reported as an event.
   *
   * @returns a function that ends it
   * @throws HeddleError `not_found` when the agent has ended; `invalid_input`
   */
  subscribe(listener: (state: State) => void, options?: SubscribeOptions & { readonly paths?: undefined }): () => void;
  subscribe(listener: (values: readonly unknown[]) => void, options: SubscribeOptions): () => void;
  /** Takes no more signals, handles those it has, and ends. Settles when it has ended; of one that has, nothing. */
  stop(reason?: string): Promise<Outcome<State>>;
  /**
   * Makes a running agent a child of this one, under a tag; it keeps its id.
   *
   * @throws HeddleError `tag_in_use`; `not_found` when one of them has ended; `invalid_input` for itself or one above it
   */
  adopt(id: string | Handle, tag: string): void;
  outcome(options?: AwaitOptions): Promise<Outcome<State>>;
  /** Ends it now: the handler that runs is asked, then forced; what waits is not handled. Settles when it has ended. */
  cancel(reason?: string): Promise<Outcome<undefined>>;
  /** As {@link stop}. */
  [Symbol.asyncDispose](): Promise<void>;
}
