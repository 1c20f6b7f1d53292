/** A door that a test opens: whoever waits at it goes on, and the test knows that somebody has arrived. */
export interface Gate {
  /** Settles when somebody waits here. */
  readonly arrived: Promise<void>;
  /** Waits until the door is open. */
  pass(): Promise<void>;
  open(): void;
}

function createGate(): Gate {
  let arrive = (): void => {};
  let open = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    arrived,
    pass: () => {
      arrive();
      return opened;
    },
    open,
  };
}

/** What a test and an action in the same process share; a lane may load the action's file a second time, so the module itself is no place. */
export interface Shared {
  readonly gates: Map<string, Gate>;
  /** What actions have done, in order. */
  readonly trace: string[];
  /** Stands for the thread's own handler of errors that nobody caught. */
  uncaught: (thrown: unknown) => void;
}

const SHARED = Symbol.for('heddle.test.shared');

export function shared(): Shared {
  const global = globalThis as { [SHARED]?: Shared };
  global[SHARED] ??= { gates: new Map(), trace: [], uncaught: () => {} };
  return global[SHARED];
}

/** The gate of a name, made when first asked for. */
export function gate(name: string): Gate {
  const { gates } = shared();
  const found = gates.get(name) ?? createGate();
  gates.set(name, found);
  return found;
}
