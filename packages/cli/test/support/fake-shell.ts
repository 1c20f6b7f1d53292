import { Readable, Writable } from 'node:stream';
import { type Action, fail, HeddleError, isOutcome, type Outcome, ok } from '@heddle/core';
import type { MapItem, MapOptions, Runtime } from '@heddle/worker-pool';
import { main } from '../../src/main.ts';
import type { ExitCode, Signal } from '../../src/shell/exit-code.ts';
import type { RuntimeRequest, Shell } from '../../src/shell/shell.ts';

/** What a fake action makes of its params. */
export type Behaviour = (params: { readonly n: number }) => Outcome;

const doubles: Behaviour = ({ n }) => ok(n * 2);

/** Fails the rows whose `n` is in the list. */
export function failsOn(bad: readonly number[]): Behaviour {
  return ({ n }) => (bad.includes(n) ? fail(new HeddleError('execution_error', `no ${n}`)) : ok(n * 2));
}

export interface FakeShellOptions {
  readonly cwd: string;
  readonly behaviour?: Behaviour;
  readonly stdin?: string;
  /** Replaces parts of the runtime. */
  readonly runtime?: Partial<Runtime>;
  readonly isTTY?: boolean;
}

export interface FakeShell extends Shell {
  readonly out: () => string;
  readonly err: () => string;
  readonly requests: RuntimeRequest[];
  readonly mapOptions: MapOptions[];
  signal(signal: Signal): void;
}

/** A shell in memory, with a runtime that runs rows one after the other on this thread. */
export function createFakeShell(options: FakeShellOptions): FakeShell {
  const out = capture();
  const err = capture();
  const handlers = new Set<(signal: Signal) => void>();
  const requests: RuntimeRequest[] = [];
  const mapOptions: MapOptions[] = [];
  return {
    stdin: Object.assign(Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]), {
      isTTY: options.stdin === undefined,
    }),
    stdout: out.stream,
    stderr: Object.assign(err.stream, { isTTY: options.isTTY === true }),
    cwd: options.cwd,
    parallelism: 2,
    now: () => 0,
    cpuMs: () => 0,
    onSignal(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    mute: () => () => {},
    exit(code) {
      throw new Error(`exit ${code}`);
    },
    createRuntime(request) {
      requests.push(request);
      return createFakeRuntime(options.behaviour ?? doubles, mapOptions, options.runtime ?? {});
    },
    out: out.text,
    err: err.text,
    requests,
    mapOptions,
    signal: (signal) => {
      for (const handler of handlers) handler(signal);
    },
  };
}

/** Runs a command in this process. */
export async function runMain(
  args: readonly string[],
  options: FakeShellOptions,
): Promise<{ code: ExitCode; out: string; err: string; shell: FakeShell }> {
  const shell = createFakeShell(options);
  const code = await main(args, shell);
  return { code, out: shell.out(), err: shell.err(), shell };
}

function createFakeRuntime(behaviour: Behaviour, mapOptions: MapOptions[], parts: Partial<Runtime>): Runtime {
  async function* map(_action: Action, items: AsyncIterable<unknown>, given: MapOptions = {}): AsyncGenerator<MapItem<unknown, unknown>> {
    mapOptions.push(given);
    let index = 0;
    for await (const params of items) {
      const outcome = isOutcome(params) ? params : behaviour(params as { n: number });
      yield { index, params, outcome, attempts: 1, durationMs: 1, threadId: 1 };
      index += 1;
    }
  }
  const runtime = {
    name: 'fake',
    ready: () => Promise.resolve(),
    close: () => Promise.resolve(),
    async register(url: URL) {
      const exports = (await import(url.href)) as Record<string, Action>;
      return new Map(Object.values(exports).map((action) => [action.name, action]));
    },
    map,
    ...parts,
  };
  return runtime as unknown as Runtime; // the parts a command uses
}

function capture(): { stream: Writable; text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}
