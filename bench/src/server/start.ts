import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServerOrder } from './process.ts';

const ENTRY = fileURLToPath(new URL('./process.js', import.meta.url));

/** A server in a process of its own. */
export interface BenchServer {
  readonly url: string;
  /** Requests that it has taken in. */
  accepted(): Promise<number>;
  /** Sends SIGTERM, and settles with how the process ended. */
  terminate(): Promise<number | string>;
}

/** Starts a server; settles when it listens. The caller terminates it. */
export async function startServer(order: ServerOrder): Promise<BenchServer> {
  const child = fork(ENTRY, [JSON.stringify(order)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = new Promise<number | string>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'gone')));
  const failed = ended.then((how) => Promise.reject(new Error(`The ${order.kind} server ended with ${how}`)));
  failed.catch(() => {}); // raced below, and expected at the end
  const [url] = (await Promise.race([once(child, 'message'), failed])) as [string]; // the first thing it says
  return {
    url,
    async accepted() {
      child.send('accepted');
      const [count] = (await Promise.race([once(child, 'message'), failed])) as [number]; // the only other thing it says
      return count;
    },
    terminate() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
