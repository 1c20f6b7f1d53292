import { type Action, type Outcome, unwrap } from '@heddle/core';
import { createRuntime } from '@heddle/worker-pool';
import type { Work } from '../work/work.ts';
import type { OpenPeer, Peer } from './peer.ts';

/** Heddle as it comes: schemas for params and result, checked on both sides; timeout, retries, cancel and logger on. */
export const heddle: Peer = {
  name: 'heddle',
  summary: 'Heddle, params and results checked by schemas',
  open: (work, threads) => openRuntime(work.checkedAction, threads),
};

/** The same for an action that declares no schema. */
export const heddlePlain: Peer = {
  name: 'heddle-plain',
  summary: 'Heddle, an action without a schema',
  open: <P, V>(work: Work<P, V>, threads: number) => openRuntime(work.action, threads),
};

async function openRuntime<P, V>(action: Action<P, V>, threads: number): Promise<OpenPeer<P, V>> {
  const runtime = createRuntime({ threads: { min: threads, max: threads } });
  await runtime.ready();
  // Its arguments depend on whether params may be left out, which cannot be known of a type parameter.
  const run = runtime.run.bind(runtime) as (action: Action<P, V>, params: P) => Promise<Outcome<V>>;
  return {
    run: (params) => run(action, params),
    valueOf: (settled) => unwrap(settled as Outcome<V>), // what `run` above gave
    close: () => runtime.close(),
  };
}
