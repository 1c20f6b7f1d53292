import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('../fixtures/server.mjs', import.meta.url));

/** A server in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** Its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts the server, with so many tasks at a time on each of its two threads; settles when it listens. The caller ends it. */
export async function startServer(concurrency: number): Promise<ServerProcess> {
  const child = spawn(process.execPath, [SERVER, String(concurrency)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | string>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'gone')));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    void ended.then((how) => reject(new Error(`the server ended with ${how} before it listened`)));
  });
  return { url, process: child, ended };
}
