/** What scripted tasks have done, in this process: lanes may load their file a second time, so the module itself is no place. */
export interface Played {
  readonly begun: { readonly id: string; readonly role: 'run' | 'undo'; readonly attempt: number }[];
  /** Those that wait for the test. */
  readonly paused: Set<() => void>;
  children: number;
}

const PLAYED = Symbol.for('heddle.test.played');

export function played(): Played {
  const global = globalThis as { [PLAYED]?: Played };
  global[PLAYED] ??= { begun: [], paused: new Set(), children: 0 };
  return global[PLAYED];
}

/** Forgets all of it. */
export function forgetPlayed(): void {
  const { begun, paused } = played();
  begun.length = 0;
  paused.clear();
}
