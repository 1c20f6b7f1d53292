import type { ServerResponse } from 'node:http';

/**
 * A signal that aborts when a request's client goes before it has its answer. Of the response, not of the request: that one is closed as
 * soon as its body has been read.
 */
export function clientSignal(response: Pick<ServerResponse, 'once' | 'writableFinished' | 'destroyed'>): AbortSignal {
  const gone = new AbortController();
  const left = (): void => {
    if (!response.writableFinished) gone.abort('the client went away');
  };
  if (response.destroyed) left();
  else response.once('close', left);
  return gone.signal;
}
