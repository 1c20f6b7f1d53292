import { expose } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { LanePort } from '../protocol/port.ts';
import type { ServiceAnswer } from '../protocol/service.ts';

/** Who answers the calls of a lane. */
export interface Answerer {
  /** Must neither throw nor reject. */
  answer(call: unknown): Promise<ServiceAnswer>;
  /** Says in words what does not clone; the answer must. */
  unsendable(answer: ServiceAnswer, cause: unknown): ServiceAnswer;
}

/**
 * Answers what comes over a lane's service port. The only file of the host's side that knows comlink, of which it lets nothing in but calls
 * of one function: comlink itself would also read, set, construct, hand out further ports, and throw in its listener at what is no message.
 */
export function exposeCalls(port: LanePort, answerer: Answerer): void {
  const endpoint = nodeEndpoint({
    on: (event, listener) =>
      port.on(event, (message: unknown) => {
        if (isCall(message)) listener(message);
      }),
    off: (event, listener) => port.off(event, listener),
    postMessage: (message) => post(port, message as Answered, answerer), // comlink posts nothing but answers here
  });
  expose((call) => answerer.answer(call), endpoint);
  // A call in flight is covered: its task is in flight on the lane's own port.
  port.unref();
}

interface Answered {
  readonly value: ServiceAnswer;
}

function post(port: LanePort, message: Answered, answerer: Answerer): void {
  try {
    port.postMessage(message);
  } catch (cause) {
    port.postMessage({ ...message, value: answerer.unsendable(message.value, cause) });
  }
}

/** A call as comlink sends it: one argument, for the function itself. */
function isCall(message: unknown): boolean {
  if (!isRecord(message) || message['type'] !== 'APPLY' || typeof message['id'] !== 'string' || message['id'] === '') return false;
  const { path, argumentList } = message;
  if (!Array.isArray(path) || path.length > 0 || !Array.isArray(argumentList) || argumentList.length !== 1) return false;
  const argument: unknown = argumentList[0];
  return isRecord(argument) && argument['type'] === 'RAW';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
