import { type AgentDefinition, HeddleError, isAgent } from '@heddle/core';
import { kindOf, metadataOf } from '@heddle/core/engine';
import { createValidator, type Validator } from '@heddle/core/validation';
import type { ActionEntry } from '../action-table.ts';
import type { ActionRole } from '../protocol/input.ts';
import { Estimate } from '../scheduler/estimate.ts';
import { DEFAULT_TASK_OPTIONS } from '../task-options.ts';
import { importAgent } from '../worker/load-agent.ts';

/** What one runtime keeps of one agent's definition. */
export interface AgentEntry {
  readonly definition: AgentDefinition;
  /** Its first turn, for which the thread imports its file; and every other. */
  readonly open: ActionEntry;
  readonly turn: ActionEntry;
  readonly state: Validator;
  /** By signal, what checks its data. */
  readonly signals: ReadonlyMap<string, Validator>;
}

/** The agents' definitions that a runtime has met. */
export class AgentTable {
  readonly #entries = new Map<unknown, AgentEntry>();
  readonly #byModule = new Map<string, AgentEntry>();

  /** @throws HeddleError `invalid_action` for anything that `defineAgent` did not return */
  entry(agent: unknown): AgentEntry {
    const known = this.#entries.get(agent);
    if (known !== undefined) return known;
    if (!isAgent(agent))
      throw new HeddleError('invalid_action', `Got ${kindOf(agent)} instead of an agent: pass what \`defineAgent\` returned`);
    const entry = newEntry(agent);
    this.#entries.set(agent, entry);
    this.#byModule.set(`${agent.name} ${agent.module}`, entry);
    return entry;
  }

  find(module: string, name: string): AgentEntry | undefined {
    return this.#byModule.get(`${name} ${module}`);
  }

  /** @throws HeddleError `load_error` */
  async load(module: string, name: string): Promise<AgentEntry> {
    return this.entry(await importAgent(module, name));
  }
}

function newEntry(definition: AgentDefinition): AgentEntry {
  const signals = Object.entries(definition.signals).map(([signal, schema]) => [signal, createValidator(schema)] as const);
  return {
    definition,
    open: stepEntry(definition, 'agent'),
    turn: stepEntry(definition, 'signal'),
    state: createValidator(definition.schema),
    signals: new Map(signals),
  };
}

/** Stands for the action in the steps of an agent, and in its life. */
export function stepEntry(agent: Parameters<typeof metadataOf>[0], role: ActionRole): ActionEntry {
  return {
    action: metadataOf(agent) as unknown as ActionEntry['action'], // only its metadata is ever read
    params: undefined,
    objectParams: false,
    options: DEFAULT_TASK_OPTIONS,
    estimate: new Estimate(),
    role,
    compensation: undefined,
  };
}
