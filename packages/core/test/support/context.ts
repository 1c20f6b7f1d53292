import { type ActionContext, fail } from '../../src/index.ts';

const ignore = (): void => {};
const nothing = (): never => {
  throw new Error('nothing starts here');
};

/** A context that does nothing, for actions that don't look at theirs. */
export const idleContext: ActionContext = {
  signal: new AbortController().signal,
  throwIfCancelled: ignore,
  deadline: Number.POSITIVE_INFINITY,
  remainingMs: () => Number.POSITIVE_INFINITY,
  attempt: 1,
  taskId: 'task-1',
  action: { name: 'idle', module: import.meta.url, tags: [] },
  context: {},
  log: { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore },
  progress: ignore,
  defer: ignore,
  decorate: nothing,
  transfer: ignore,
  run: () => Promise.resolve(fail('nothing runs here')),
  start: nothing,
  spawn: nothing,
  services: {},
};
