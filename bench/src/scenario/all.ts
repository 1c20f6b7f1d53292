import { agents } from './agents.ts';
import { batch } from './batch.ts';
import { cancel } from './cancel.ts';
import { coroutine } from './coroutine.ts';
import { cpu, dispatch, latency } from './dispatch.ts';
import { flat } from './flat.ts';
import { lanes } from './lanes.ts';
import { map } from './map.ts';
import { memory } from './memory.ts';
import { mixed } from './mixed.ts';
import { queue } from './queue.ts';
import { real } from './real.ts';
import type { Scenario } from './scenario.ts';
import { server } from './server.ts';
import { services } from './services.ts';
import { sizes } from './sizes.ts';
import { startUp } from './start-up.ts';
import { stream } from './stream.ts';
import { tenants } from './tenants.ts';

/** Everything that is measured, in the order it runs. */
export const SCENARIOS: readonly Scenario[] = [
  dispatch,
  latency,
  sizes,
  cpu,
  memory,
  map,
  batch,
  mixed,
  tenants,
  server,
  cancel,
  queue,
  services,
  coroutine,
  stream,
  agents,
  startUp,
  lanes,
  flat,
  real,
];
