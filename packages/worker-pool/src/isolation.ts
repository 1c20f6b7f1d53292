import { isRecord } from '@heddle/core/engine';
import { resourceFaults } from './lane/resource-flags.ts';

/**
 * What a lane is: `thread`, a worker thread; `process`, a process of its own, which takes nobody along when native code ends it; `inline`,
 * the thread that created the runtime, for debugging and where there are no threads. See `docs/guarantees.md`.
 */
export type Isolation = 'inline' | 'thread' | 'process';

const ISOLATIONS: readonly unknown[] = ['inline', 'thread', 'process'] satisfies Isolation[];

/** What only something with a heap, an environment and flags of its own can be given. */
const NEEDS_ISOLATION = ['resourceLimits', 'env', 'execArgv', 'permissions'] as const;

/** The faults of `isolation` and of options that make no sense with it. */
export function isolationFaults(options: Readonly<Record<string, unknown>>): string[] {
  const { isolation, resourceLimits } = options;
  if (isolation !== undefined && !ISOLATIONS.includes(isolation)) return [`\`isolation\` must be one of ${ISOLATIONS.join(', ')}`];
  if (isolation === 'inline')
    return NEEDS_ISOLATION.filter((name) => options[name] !== undefined).map(
      (name) => `\`${name}\` cannot be had with \`isolation: 'inline'\`: actions run in the thread that created the runtime`,
    );
  return isolation === 'process' && isRecord(resourceLimits) ? resourceFaults(resourceLimits) : [];
}
