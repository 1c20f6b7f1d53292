import { HeddleError } from '@heddle/core';
import type { Runtime } from '@heddle/worker-pool';
import { register as defaultRegister } from 'prom-client';
import { Instruments } from './instruments.ts';
import { type CollectOptions, collectFaults } from './options.ts';
import { observeRuntime } from './runtime-metrics.ts';
import { measureTasks } from './task-metrics.ts';

/** Metrics that are being collected; `using` ends that as well. */
export interface Collection extends Disposable {
  /** Collects no more, and takes the metrics out of the registry. Ending it twice does nothing. */
  end(): void;
}

/**
 * Registers the metrics of one runtime: its tasks by action and outcome, its queue, its lanes with their event loops and memory. Labels have
 * few values: names of actions, outcomes, types of errors, numbers of lanes; never ids or tags. What counts tasks goes by the runtime's name,
 * so runtimes that are measured apart are named apart; an instance is measured by itself.
 *
 * @throws HeddleError `config_error` for options at fault, every one at once, and for a metric that the registry has
 * @example
 * ```ts
 * const collection = collectMetrics(runtime)
 * app.get('/metrics', async (_request, reply) => reply.type(register.contentType).send(await register.metrics()))
 * ```
 */
export function collectMetrics(runtime: Runtime, options: CollectOptions = {}): Collection {
  const faults = collectFaults(options);
  if (faults.length > 0) throw new HeddleError('config_error', `Invalid options of metrics: ${faults.join('; ')}`, { details: { faults } });
  const { register = defaultRegister, prefix = 'heddle_', labels = {} } = options;
  const instruments = new Instruments(register, prefix, labels);
  // First what may find its name taken: a subscription would be left behind.
  observeRuntime(instruments, runtime);
  const unsubscribe = measureTasks(instruments, runtime.name);
  const end = (): void => {
    unsubscribe();
    instruments.remove();
  };
  return { end, [Symbol.dispose]: end };
}
