import workerpool from 'workerpool';
import { FileLaneClaims } from '../lane/claim-file.ts';
import { TO_PROCESS } from '../protocol/process-codec.ts';
import { createProcessPorts } from '../protocol/process-port.ts';
import { LEASE_OPEN, type ProcessSettings } from '../protocol/process-settings.ts';
import { setOwnCrossing } from '../protocol/uncloneable.ts';
import { guardAgainstLoss } from './host-guard.ts';
import { installLane } from './install-lane.ts';

/** What asks a whole group of processes to end, a terminal's or a service's: the host hears it as well, drains, and ends its lanes. */
const GROUP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

for (const signal of GROUP_SIGNALS) process.on(signal, () => {});
workerpool.worker({ lease });

/**
 * The lease: what the pool runs once in a process. Says that it is open, and never settles: to the pool the process is taken for good.
 * The process ends with its host, also when that is killed: the pool's own listener ends it when their channel closes, and a guard where
 * nothing listens.
 */
function lease({ claims: path, services, ...settings }: ProcessSettings): Promise<never> {
  // The pool's listener would answer what is not its own with errors. There is no second lease.
  process.removeAllListeners('message');
  setOwnCrossing(TO_PROCESS);
  const host = process.ppid;
  const claims = new FileLaneClaims(path, () => {
    if (process.ppid !== host) process.exit(1);
  });
  const ports = createProcessPorts(process);
  ports.port.on('message', () => claims.look());
  installLane({ ...settings, port: ports.port, claims, ...(services && { services: ports.services }) });
  workerpool.workerEmit(LEASE_OPEN);
  guardAgainstLoss();
  return new Promise(() => {});
}
