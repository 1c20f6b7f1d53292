import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TenantsOptions } from '@heddle/worker-pool';

const SERVER = fileURLToPath(new URL('../fixtures/server.mjs', import.meta.url));

/** A server in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** Its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** What it has said so far: where it listens, and at its end how many requests it had taken in and how many it had answered. */
  said(): string;
}

/** Starts the server, with so many tasks at a time on each of its two threads; settles when it listens. The caller ends it. */
export async function startServer(concurrency: number, tenants?: TenantsOptions): Promise<ServerProcess> {
  const args = [SERVER, String(concurrency), ...(tenants === undefined ? [] : [JSON.stringify(tenants)])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (said: string) => {
    text += said;
  });
  const ended = new Promise<number | string>((resolve) => child.once('close', (code, signal) => resolve(code ?? signal ?? 'gone')));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (said: string) => resolve(said.trim()));
    void ended.then((how) => reject(new Error(`the server ended with ${how} before it listened`)));
  });
  return { url, process: child, ended, said: () => text };
}
