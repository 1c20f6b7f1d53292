import type { ResourceLimits } from 'node:worker_threads';

/** What a thread's limits are called where the lane is a process. */
export function resourceFlags(limits: ResourceLimits | undefined): string[] {
  const { maxOldGenerationSizeMb, maxYoungGenerationSizeMb, stackSizeMb } = limits ?? {};
  const flags: string[] = [];
  if (maxOldGenerationSizeMb !== undefined) flags.push(`--max-old-space-size=${Math.ceil(maxOldGenerationSizeMb)}`);
  // The young generation is three semi-spaces.
  if (maxYoungGenerationSizeMb !== undefined) flags.push(`--max-semi-space-size=${Math.max(1, Math.floor(maxYoungGenerationSizeMb / 3))}`);
  if (stackSizeMb !== undefined) flags.push(`--stack-size=${Math.floor(stackSizeMb * 1000)}`);
  return flags;
}

/** The stack that systems give a process, less what Node needs of it. */
const MAX_STACK_MB = 7;

/** The faults of limits that a process cannot be given. */
export function resourceFaults({ codeRangeSizeMb, stackSizeMb }: ResourceLimits): string[] {
  const faults: string[] = [];
  if (codeRangeSizeMb !== undefined) faults.push("`resourceLimits.codeRangeSizeMb` cannot be had with `isolation: 'process'`");
  if (stackSizeMb !== undefined && stackSizeMb > MAX_STACK_MB)
    faults.push(
      `\`resourceLimits.stackSizeMb\` must be at most ${MAX_STACK_MB} with \`isolation: 'process'\`: a larger stack would end the process where it overflows; got ${stackSizeMb}`,
    );
  return faults;
}
