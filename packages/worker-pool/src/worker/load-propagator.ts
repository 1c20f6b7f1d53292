import { HeddleError, isPropagator, type Propagator } from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import { importModule } from '../import-module.ts';
import type { PropagatorSettings } from '../protocol/input.ts';

/**
 * Imports a propagator's file and finds the propagator by name.
 *
 * @throws HeddleError `config_error` naming the propagator, its file and the cause
 */
export async function loadPropagator({ module, name }: PropagatorSettings): Promise<Propagator> {
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await importModule(module);
  } catch (cause) {
    throw loadError(module, name, `does not load: ${toHeddleError(cause).message}`, cause);
  }
  const found = Object.values(exports)
    .filter(isPropagator)
    .find((propagator) => propagator.name === name);
  if (found !== undefined) return found;
  const names = Object.keys(exports);
  const has = names.length === 0 ? 'nothing' : names.map((key) => `\`${key}\``).join(', ');
  throw loadError(
    module,
    name,
    `does not export it, but ${has}; write \`export const ${name} = definePropagator({ … })\` there`,
    undefined,
  );
}

function loadError(module: string, name: string, what: string, cause: unknown): HeddleError {
  const details = { propagator: name, place: 'load', module };
  return new HeddleError('config_error', `Propagator ${name}: its module ${module} ${what}`, {
    details,
    ...(cause === undefined ? {} : { cause }),
  });
}
