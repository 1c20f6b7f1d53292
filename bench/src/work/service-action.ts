import type { MessagePort } from 'node:worker_threads';
import { type Action, defineAction } from '@heddle/core';
import { takeTurns } from '@heddle/measure';
import { wrap } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { type Order, orderAt } from './order.ts';

/** What is called on the host: the same object by every way. */
export interface EchoService {
  echo(order: Order): Order;
}

/** The host's object as a thread sees it. */
interface RemoteEcho {
  echo(order: Order): Promise<Order>;
}

declare module '@heddle/core' {
  interface Services {
    readonly echo: EchoService;
  }
}

/** One round of calls out of a thread. */
export interface ServiceRound {
  /** Ports of bare comlink, by name. */
  readonly ports: Readonly<Record<string, MessagePort>>;
  readonly calls: number;
  readonly passes: number;
  readonly inFlight: number;
  readonly round: number;
}

/** Microseconds a call, slice by slice, by name. */
export type ServiceSlices = ReadonlyMap<string, number[]>;

/** Calls the host by Heddle's services and by bare comlink, in turns, out of one thread. */
export const callHost: Action<ServiceRound, ServiceSlices> = defineAction({
  module: import.meta.url,
  name: 'callHost',
  defaults: { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 },
  async run({ ports, calls, passes, inFlight, round }: ServiceRound, ctx): Promise<ServiceSlices> {
    const remotes = new Map<string, RemoteEcho>([['services', ctx.services.echo]]);
    for (const [name, port] of Object.entries(ports)) remotes.set(name, wrap<RemoteEcho>(nodeEndpoint(port)));
    const contenders = [...remotes].map(([name, remote]) => ({ name, slice: () => timeCalls(remote, calls, inFlight) }));
    // Hot, on both sides.
    for (const { slice } of contenders) for (let calls = 0; calls < 10; calls++) await slice();
    const slices = await takeTurns(contenders, passes, round);
    for (const port of Object.values(ports)) port.close();
    return slices;
  },
});

async function timeCalls(remote: RemoteEcho, calls: number, inFlight: number): Promise<number> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < calls) {
      const order = orderAt(next++);
      const echoed = await remote.echo(order);
      if (echoed.id !== order.id || echoed.email !== order.email) throw new Error('the answer is another');
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: inFlight }, caller));
  return ((performance.now() - begun) * 1000) / calls;
}
