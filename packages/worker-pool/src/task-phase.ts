/**
 * Where a task stands, as the host knows it.
 *
 * ```
 *            send                    outcome, no retry
 *  queued ─────────▶ sent ───────────────────────────▶ settled
 *    ▲ ▲    recall    │ │ outcome, retry                  ▲
 *    │ └──────────────┘ └────────▶ retrying ──(cancel)────┤
 *    │                     backoff    │                   │
 *    └────────────────────────────────┘                   │
 *  queued ──(cancel)──────────────────────────────────────┤
 *  sent ──(cancel or timeout, begun)──▶ ending ───────────┘
 * ```
 *
 * One that stands for a coroutine or a stream is `hosted` from start to end: its steps are tasks of their own.
 * A failure for good, of an action that compensates, goes through `compensating` to `settled`, from wherever it was.
 */
export type TaskPhase = 'queued' | 'sent' | 'ending' | 'retrying' | 'compensating' | 'hosted' | 'settled';
