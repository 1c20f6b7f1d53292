/** Gives back what it is resumed with, until that is `STOP`; answers how often. */
export function* echoing(): Generator<unknown, number, unknown> {
  let count = 0;
  let given = yield READY;
  while (given !== STOP) {
    count++;
    given = yield given;
  }
  return count;
}

/** The same, asynchronous, with nothing to wait for. */
export async function* echoingAsync(): AsyncGenerator<unknown, number, unknown> {
  let count = 0;
  let given = yield READY;
  while (given !== STOP) {
    count++;
    given = yield given;
  }
  return count;
}

const READY = 'ready';
export const STOP = 'stop';
