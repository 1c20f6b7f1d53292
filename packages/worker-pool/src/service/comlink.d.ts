// What is used of comlink 4, whose own types are not found under `nodenext`.

declare module 'comlink/dist/esm/comlink.mjs' {
  import type { Endpoint } from 'comlink/dist/esm/node-adapter.mjs';

  /** Answers the calls that come over an endpoint. */
  export function expose(target: (argument: unknown) => unknown, endpoint: Endpoint): void;
  /** The function at the other end. A call that is never answered never settles. */
  export function wrap(endpoint: Endpoint): (argument: unknown) => Promise<unknown>;
}

declare module 'comlink/dist/esm/node-adapter.mjs' {
  /** What comlink takes for a port of Node's. */
  export interface NodePort {
    postMessage(message: unknown): void;
    on(event: 'message', listener: (message: unknown) => void): unknown;
    off(event: 'message', listener: (message: unknown) => void): unknown;
  }

  /** A port in comlink's own terms. */
  export interface Endpoint {
    postMessage(message: unknown): void;
  }

  // biome-ignore lint/style/noDefaultExport: that is all the adapter exports
  export default function nodeEndpoint(port: NodePort): Endpoint;
}
