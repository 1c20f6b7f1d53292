export { type AliveOptions, alive } from './alive.ts';
export { all } from './all.ts';
export { any, type Winner } from './any.ts';
export { type CancelOptions, cancel } from './cancel.ts';
export { child, getChild, getChildren } from './child.ts';
export { completion } from './completion.ts';
export type { GroupFailure, GroupOutcome } from './group.ts';
export type { CompletionOf, HandleValue, Target } from './target.ts';
export type { WaitOptions } from './wait-options.ts';
