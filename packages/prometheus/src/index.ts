export { type Collection, collectMetrics } from './collect.ts';
export type { CollectOptions } from './options.ts';
