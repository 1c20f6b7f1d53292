import { request } from 'node:http';
import { createRuntime, type Runtime, type RuntimeOptions } from '@heddle/worker-pool';
import { onTestFinished } from 'vitest';
import { createDashboard, type Dashboard, type DashboardOptions } from '../../src/index.ts';
import type { Hello, TaskDetails } from '../../src/wire.ts';

/** An answer of a server. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** What a request is made with. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks a server; with headers that a browser would not let one set. */
export function ask(url: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** A dashboard that listens on the loopback, closed with the test. */
export interface OpenedDashboard {
  readonly runtime: Runtime;
  readonly dashboard: Dashboard;
  /** Without a slash at its end. */
  readonly base: string;
  readonly url: string;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  snapshot(): Promise<Hello>;
  task(id: string): Promise<TaskDetails>;
}

/** A logger that writes nothing, and lets everything leave its thread. */
const quietLogger: NonNullable<RuntimeOptions['logger']> = {
  level: 'trace',
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  fatal: () => {},
};

/** Opens a runtime and its dashboard. */
export async function openDashboard(options: DashboardOptions = {}, runtimeOptions: RuntimeOptions = {}): Promise<OpenedDashboard> {
  const runtime = createRuntime({ name: 'looked-at', threads: { min: 0, max: 1 }, logger: quietLogger, ...runtimeOptions });
  const dashboard = createDashboard(runtime, options);
  onTestFinished(async () => {
    await dashboard.close();
    await runtime.close({ graceMs: 0 });
  });
  const { url, port } = await dashboard.listen({ port: 0 });
  const base = `http://127.0.0.1:${port}${options.basePath ?? ''}`;
  const json = async <T>(path: string): Promise<T> => {
    const { status, text } = await ask(`${base}${path}`);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as T; // what the server makes
  };
  return {
    runtime,
    dashboard,
    base,
    url,
    post: (path, body, headers = {}) =>
      ask(`${base}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }),
    snapshot: () => json<Hello>('/snapshot'),
    task: (id) => json<TaskDetails>(`/tasks/${encodeURIComponent(id)}`),
  };
}
