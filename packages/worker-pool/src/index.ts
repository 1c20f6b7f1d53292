export type { AsyncRef } from './async-ref.ts';
export type { RuntimeEvent } from './event.ts';
export type { Logger } from './logger.ts';
export type { MapItem, MapOptions, MapProgress } from './map.ts';
export type { QueueOptions, RuntimeOptions, ThreadOptions, WhenFull } from './options.ts';
export { type CloseOptions, createRuntime, type Runtime, type TaskArguments } from './runtime.ts';
export type { LaneStats, RuntimeStats } from './stats.ts';
export type { Context, TaskDefaults, TaskOptions, Transferable } from './task-options.ts';
