import { threadId } from 'node:worker_threads';
import type { LaneSettings } from '../protocol/input.ts';
import { installLane } from './install-lane.ts';

/**
 * The lease: what the pool runs once in a thread. Installs the lane's port and returns; the port's listener lives on and serves.
 * Answers the thread's id.
 */
export function lease(settings: LaneSettings): number {
  installLane(settings);
  return threadId;
}
