import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { threadId } from 'node:worker_threads';
import { LanePace } from '../lane/pace.ts';
import type { LaneSettings } from '../protocol/input.ts';
import { markLaneThread } from './lane-thread.ts';
import { type ServedLane, serve } from './serve.ts';

/**
 * The lease: what the pool runs once in a thread. Installs the lane's port and returns; the port's listener lives on and serves.
 * Answers the thread's id.
 */
export function lease(settings: LaneSettings): number {
  markLaneThread();
  const lane = serve(settings, new LanePace(settings.claims));
  process.on('uncaughtException', (error) => lane.uncaught(error));
  process.on('unhandledRejection', (reason) => lane.uncaught(reason));
  process.on('exit', () => lane.flush());
  forwardConsole(lane);
  return threadId;
}

/** Text goes over the lane's port, in order with outcomes; `process.stdout.write` keeps Node's own way. */
function forwardConsole(lane: ServedLane): void {
  const printer = new Console({ stdout: writerTo(lane, 'stdout'), stderr: writerTo(lane, 'stderr') });
  for (const method of [
    'log',
    'info',
    'debug',
    'warn',
    'error',
    'trace',
    'dir',
    'table',
    'group',
    'groupEnd',
    'count',
    'time',
    'timeEnd',
    'timeLog',
    'assert',
  ] as const) {
    console[method] = printer[method].bind(printer) as never; // same signatures, method by method
  }
}

function writerTo(lane: ServedLane, stream: 'stdout' | 'stderr'): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      lane.print(stream, String(chunk));
      done();
    },
  });
}
