import type { LaneSettings } from './input.ts';

/** What a process says once it is a lane. */
export const LEASE_OPEN = 'open';

/** What a lane in a process of its own is given once, when it opens: plain data. */
export interface ProcessSettings extends Omit<LaneSettings, 'port' | 'claims' | 'services'> {
  /** Where its claim file is. */
  readonly claims: string;
  /** Whether the runtime has services. */
  readonly services: boolean;
}
