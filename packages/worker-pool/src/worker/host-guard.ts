import { Worker } from 'node:worker_threads';

/** How soon a lane's process follows its host. Milliseconds. */
const EVERY_MS = 1000;

/** Runs in a thread of its own, so that it looks whatever the main one computes. */
const GUARD = `
const { workerData } = require('node:worker_threads');
setInterval(() => {
  if (process.ppid !== workerData.host) process.kill(process.pid, 'SIGKILL');
}, workerData.everyMs);
`;

/**
 * Ends this process when its host is gone, also when that was killed and a task here never lets go of its thread: nothing else would end
 * that. Where the process may not start threads (`permissions`), there is no guard.
 */
export function guardAgainstLoss(): void {
  try {
    const guard = new Worker(GUARD, {
      eval: true,
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
      workerData: { host: process.ppid, everyMs: EVERY_MS },
    });
    guard.unref();
    guard.on('error', () => {}); // then there is none
  } catch {
    // As above.
  }
}
