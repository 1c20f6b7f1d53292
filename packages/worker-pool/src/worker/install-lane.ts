import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { LaneLoads } from '../lane/loads.ts';
import { LanePace } from '../lane/pace.ts';
import type { LaneSettings } from '../protocol/input.ts';
import { markLaneThread } from './lane-thread.ts';
import { type ServedLane, serve } from './serve.ts';

/** Makes a lane of this thread, or of this process: serves its port, hears what nobody caught, forwards `console`. */
export function installLane(settings: LaneSettings): void {
  // A process shares no memory with its host.
  const memory = settings.claims instanceof SharedArrayBuffer ? settings.claims : undefined;
  markLaneThread(memory && new LaneLoads(memory));
  const lane = serve(settings, memory && new LanePace(memory));
  process.on('uncaughtException', (error) => lane.uncaught(error));
  process.on('unhandledRejection', (reason) => lane.uncaught(reason));
  process.on('exit', () => lane.flush());
  forwardConsole(lane);
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
