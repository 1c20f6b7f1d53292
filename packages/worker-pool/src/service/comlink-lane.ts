import { wrap } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { LanePort } from '../protocol/port.ts';
import { ANSWER_UNSENT, type ServiceAnswer, type ServiceCall } from '../protocol/service.ts';

/** Sends one call. Never rejects; never settles when nobody answers. */
export type SendCall = (call: ServiceCall) => Promise<ServiceAnswer>;

/** The lane's end of its service port. The only file of the lane's side that knows comlink; it makes one proxy, for the lane's whole life. */
export function connectCalls(port: LanePort): SendCall {
  let deliver = (_message: unknown): void => {};
  const endpoint = nodeEndpoint({
    on: (event, listener) => {
      deliver = listener;
      return port.on(event, listener);
    },
    off: (event, listener) => port.off(event, listener),
    postMessage: (message) => {
      try {
        port.postMessage(message);
      } catch (cause) {
        // Were it thrown on, comlink would keep its record of the call for ever.
        deliver({ id: (message as { id?: unknown }).id, type: 'RAW', value: [ANSWER_UNSENT, cause] });
      }
    },
  });
  const remote = wrap(endpoint);
  port.unref();
  return (call) => remote(call) as Promise<ServiceAnswer>; // written by the host's side of the same version
}
