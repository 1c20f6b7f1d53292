import { type Action, type Outcome, unwrap } from '@heddle/core';
import { createRuntime } from '@heddle/worker-pool';
import { transferOf, type Work } from '../work/work.ts';
import type { OpenPeer, Peer } from './peer.ts';

/** Heddle as it comes: schemas for params and result, checked on both sides; timeout, retries, cancel and logger on. */
export const heddle: Peer = {
  name: 'heddle',
  summary: 'Heddle, params and results checked by schemas',
  package: '@heddle/worker-pool',
  open: (work, threads) => openRuntime(work, work.checkedAction, threads),
};

/** The same for an action that declares no schema. */
export const heddlePlain: Peer = {
  name: 'heddle-plain',
  summary: 'Heddle, an action without a schema',
  package: '@heddle/worker-pool',
  open: (work, threads) => openRuntime(work, work.action, threads),
};

async function openRuntime<P, V>(work: Work<P, V>, action: Action<P, V>, threads: number): Promise<OpenPeer<P, V>> {
  const runtime = createRuntime({ threads: { min: threads, max: threads } });
  await runtime.ready();
  // Its arguments depend on whether params may be left out, which cannot be known of a type parameter.
  const run = runtime.run.bind(runtime) as (
    action: Action<P, V>,
    params: P,
    context?: object,
    options?: { readonly transfer: ArrayBuffer[] },
  ) => Promise<Outcome<V>>;
  return {
    run: (params) => {
      const transfer = transferOf(work, params);
      return transfer === undefined ? run(action, params) : run(action, params, {}, { transfer });
    },
    valueOf: (settled) => unwrap(settled as Outcome<V>), // what `run` above gave
    close: () => runtime.close(),
  };
}
