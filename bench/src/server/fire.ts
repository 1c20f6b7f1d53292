import autocannon from 'autocannon';

/** What is asked of a server, at a steady rate. */
export interface Fire {
  readonly url: string;
  /** What is asked for, by its number. */
  pathAt(index: number): string;
  readonly perSecond: number;
  readonly seconds: number;
}

/** What came of it. */
export interface Fired {
  /** Of each answer with a status below 300. */
  readonly tookMs: readonly number[];
  /** Answers by path and status: `/healthy 200`. */
  readonly answers: ReadonlyMap<string, number>;
  /** Requests without an answer. */
  readonly lost: number;
}

/** Asks over few connections; one that waits for a slow answer is left to wait, and the others go on. */
export async function fire({ url, pathAt, perSecond, seconds }: Fire): Promise<Fired> {
  const tookMs: number[] = [];
  const answers = new Map<string, number>();
  let asked = 0;
  // One for all connections: each would go through a list of requests by itself.
  const request = {
    method: 'GET' as const,
    setupRequest: (given: object, context: Asked): object => {
      context.path = pathAt(asked++);
      return { ...given, path: context.path };
    },
    onResponse: (status: number, _body: string, context: Asked): void => {
      const what = `${context.path} ${status}`;
      answers.set(what, (answers.get(what) ?? 0) + 1);
    },
  };
  const options = {
    url,
    connections: CONNECTIONS,
    overallRate: perSecond,
    amount: perSecond * seconds,
    ignoreCoordinatedOmission: true,
    requests: [request],
  };
  const { errors, timeouts } = await new Promise<autocannon.Result>((resolve, reject) => {
    const load = autocannon(options, (error: Error | null, result) => (error === null ? resolve(result) : reject(error)));
    load.on('response', (_client, status, _bytes, responseMs) => {
      if (status < 300) tookMs.push(responseMs);
    });
  });
  return { tookMs, answers, lost: errors + timeouts };
}

/** What autocannon keeps of a request for its answer. */
interface Asked {
  path?: string;
}

const CONNECTIONS = 10;
