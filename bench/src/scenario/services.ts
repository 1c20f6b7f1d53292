import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { unwrap } from '@heddle/core';
import { addRound, quantileOf, quantityOf, type Section, type Slices } from '@heddle/measure';
import { createRuntime } from '@heddle/worker-pool';
import { expose } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { callHost, type EchoService, type ServiceSlices } from '../work/service-action.ts';
import type { Scenario } from './scenario.ts';

const BARE = 'comlink';
const AGAIN = 'comlink again';
const LOADS = [1, 64] as const;

const echo: EchoService = { echo: (order) => order };

/** Calls out of a thread, of objects on the host. */
export const services: Scenario = {
  name: 'services',
  summary: 'Calls of a host object out of a thread with a 200 B object there and back: `ctx.services` beside bare comlink over one port.',
  async run({ rounds, quick }, progress) {
    const loads = LOADS.map((inFlight) => ({ inFlight, slices: new Map() as Slices<number> }));
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`);
      for (const { inFlight, slices } of loads) addRound(slices, new Map(await takeRound(inFlight, quick ? 10 : 40, round)));
    }
    return { sections: loads.map(({ inFlight, slices }) => sectionOf(inFlight, slices)) };
  },
};

/** Each round has a thread of its own, which all contenders share: they differ in nothing but the way. */
async function takeRound(inFlight: number, passes: number, round: number): Promise<ServiceSlices> {
  const runtime = createRuntime({ services: { echo }, threads: { max: 1 } });
  const ports: Record<string, MessagePort> = {};
  const hosts: MessagePort[] = [];
  for (const name of [BARE, AGAIN]) {
    const { port1, port2 } = new MessageChannel();
    expose(echo, nodeEndpoint(port1));
    hosts.push(port1);
    ports[name] = port2;
  }
  const params = { ports, calls: 1000, passes, inFlight, round };
  const outcome = await runtime.run(callHost, params, {}, { transfer: Object.values(ports) });
  for (const port of hosts) port.close();
  await runtime.close();
  return unwrap(outcome);
}

function sectionOf(inFlight: number, slices: Slices<number>): Section {
  const rounds = new Map([...slices].map(([name, parts]) => [name, parts.map((part) => quantileOf(part, 0.5))]));
  const title = inFlight === 1 ? 'one call at a time' : `${inFlight} calls at a time`;
  return { title, quantities: [quantityOf({ name: 'a call', unit: 'µs', base: BARE, again: AGAIN, rounds })] };
}
