/** A step of a graph: its name, and the names of those whose results it needs. */
export interface GraphStep {
  readonly name: string;
  readonly needs: readonly string[];
}

/** Steps in an order in which each comes after those it needs, or what is wrong with the graph. */
export type GraphOrder<T> =
  | { readonly ok: true; readonly order: readonly T[] }
  | { readonly ok: false; readonly faults: readonly string[] };

/**
 * Orders a graph. Its faults are every need that is no step, and cycles by their path (`a → b → a`: a needs b, which needs a): at least
 * one where there is any, and every one that shares no step with another. Takes time in proportion to the graph, and no stack, however
 * long its chains are.
 */
export function orderGraph<T extends GraphStep>(steps: readonly T[]): GraphOrder<T> {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const unknown = steps.flatMap(({ name, needs }) =>
    needs.filter((need) => !byName.has(need)).map((need) => `step \`${name}\` needs \`${need}\`, which is no step of the plan`),
  );
  const order = orderOf(byName);
  const left = new Set(byName.keys());
  for (const { name } of order) left.delete(name);
  const faults = [...unknown, ...cyclesOf(byName, left).map((path) => `steps need each other in a cycle: ${path.join(' → ')}`)];
  return faults.length === 0 ? { ok: true, order } : { ok: false, faults };
}

/** After Kahn: again and again, what needs nothing that is still to come. What is in a cycle, or behind one, never comes. */
function orderOf<T extends GraphStep>(byName: ReadonlyMap<string, T>): readonly T[] {
  const missing = new Map<string, number>();
  const needers = new Map<string, T[]>();
  const order: T[] = [];
  for (const step of byName.values()) {
    const known = step.needs.filter((need) => byName.has(need));
    missing.set(step.name, known.length);
    if (known.length === 0) order.push(step);
    for (const need of known) {
      const list = needers.get(need);
      if (list === undefined) needers.set(need, [step]);
      else list.push(step);
    }
  }
  // Grows while it is read.
  for (const { name } of order) {
    for (const needer of needers.get(name) ?? []) {
      const count = (missing.get(needer.name) ?? 0) - 1;
      missing.set(needer.name, count);
      if (count === 0) order.push(needer);
    }
  }
  return order;
}

/** Each step left has a need that is left too: following those from anywhere ends in a cycle. */
function cyclesOf(byName: ReadonlyMap<string, GraphStep>, left: ReadonlySet<string>): readonly (readonly string[])[] {
  const cycles: string[][] = [];
  const seen = new Set<string>();
  for (const start of left) {
    const path = new Map<string, number>();
    let name: string | undefined = start;
    while (name !== undefined && !seen.has(name)) {
      seen.add(name);
      path.set(name, path.size);
      name = byName.get(name)?.needs.find((need) => left.has(need));
    }
    const from = name === undefined ? undefined : path.get(name);
    if (name !== undefined && from !== undefined) cycles.push([...[...path.keys()].slice(from), name]);
  }
  return cycles;
}
