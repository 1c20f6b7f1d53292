import { type AgentDefinition, HeddleError, isAgent } from '@heddle/core';
import { metadataOf, planAttempt } from '@heddle/core/engine';
import type { AgentStep } from '../protocol/agent.ts';
import { importExports, type LoadedAction } from './load-action.ts';
import { TaskContext } from './task-context.ts';

/**
 * Imports an agent's file and makes the agent ready.
 *
 * @throws HeddleError `load_error` naming the file, its exports and the cause
 */
export async function loadAgent(module: string, name: string): Promise<LoadedAction> {
  const agent = await importAgent(module, name);
  const { createValidator } = await import('@heddle/core/validation');
  const metadata = metadataOf(agent);
  const plan = { metadata, on: agent.on, state: createValidator(agent.schema) };
  return stepsOf(metadata, (step, ctx) => TaskContext.agentsOf(ctx).open(plan, step, ctx));
}

/** The turns of an agent after its first: it is here already. */
export function agentTurns(module: string, name: string): LoadedAction {
  return stepsOf({ name, module, tags: [] }, (step, ctx) => TaskContext.agentsOf(ctx).step(step, ctx));
}

function stepsOf(metadata: LoadedAction['metadata'], step: (step: AgentStep, ctx: TaskContext) => unknown): LoadedAction {
  const run = (params: never, ctx: unknown): unknown => {
    if (!(ctx instanceof TaskContext)) throw new HeddleError('internal_error', 'An agent was begun without a lane');
    return step(params, ctx); // the host sends nothing but steps
  };
  return { metadata, plan: planAttempt({ name: metadata.name, run, hooks: {} }, undefined, undefined) };
}

/**
 * Imports an agent's file and finds the agent in it.
 *
 * @throws HeddleError `load_error` naming the file, its exports and the cause
 */
export async function importAgent(module: string, name: string): Promise<AgentDefinition> {
  const exports = await importExports(module, name);
  const agent = Object.values(exports).find((value): value is AgentDefinition => isAgent(value) && value.name === name);
  if (agent !== undefined) return agent;
  const names = Object.keys(exports);
  const has = names.length === 0 ? 'nothing' : names.map((key) => `\`${key}\``).join(', ');
  const message = `Agent ${name} is not among the exports of ${module}, which exports ${has}; write \`export const ${name} = defineAgent({ … })\` there, and \`module: import.meta.url\` in it`;
  throw new HeddleError('load_error', message, { details: { module, agent: name, exports: names } });
}
