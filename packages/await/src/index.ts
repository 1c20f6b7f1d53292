export { alive } from './alive.ts';
export { all } from './all.ts';
export { any, type Winner } from './any.ts';
export { type CancelOptions, cancel } from './cancel.ts';
export { completion } from './completion.ts';
export type { GroupFailure, GroupOutcome } from './group.ts';
export type { HandleValue, Target } from './target.ts';
export type { Completion } from './wait.ts';
export type { WaitOptions } from './wait-options.ts';
