// What is measured of comlink 4, whose own types are not found under `nodenext`.

declare module 'comlink/dist/esm/comlink.mjs' {
  export function expose(target: object, endpoint: object): void;
  export function wrap<T>(endpoint: object): T;
  export function proxy<T extends object>(target: T): T;
  export function transfer<T>(value: T, transferables: readonly ArrayBuffer[]): T;
}

declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { MessagePort, Worker } from 'node:worker_threads';

  // biome-ignore lint/style/noDefaultExport: that is all the adapter exports
  export default function nodeEndpoint(port: MessagePort | Worker): object;
}
