/** What a stretch of work took. */
export interface Usage {
  readonly tasks: number;
  readonly wallMs: number;
  /** CPU time of the whole process, all threads. Milliseconds. */
  readonly cpuMs: number;
  /** Times a thread of the process gave its core up to wait. */
  readonly voluntarySwitches: number;
}

/** Measures what `work` takes; `tasks` is how many it does. */
export async function measureUsage(tasks: number, work: () => Promise<void>): Promise<Usage> {
  const { voluntaryContextSwitches: switchesBefore } = process.resourceUsage();
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  await work();
  const wallMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpuBefore);
  const voluntarySwitches = process.resourceUsage().voluntaryContextSwitches - switchesBefore;
  return { tasks, wallMs, cpuMs: (user + system) / 1000, voluntarySwitches };
}

/** Several stretches as one. */
export function totalUsage(parts: readonly Usage[]): Usage {
  const add = (key: keyof Usage): number => parts.reduce((total, part) => total + part[key], 0);
  return { tasks: add('tasks'), wallMs: add('wallMs'), cpuMs: add('cpuMs'), voluntarySwitches: add('voluntarySwitches') };
}
