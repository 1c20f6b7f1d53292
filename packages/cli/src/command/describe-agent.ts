import type { AgentDefinition } from '@heddle/core';
import { signalLines } from '../agent/signal-lines.ts';
import type { Screen } from '../shell/shell.ts';
import { type Fact, headLines, limitText, metadataFacts, section } from './describe-text.ts';

/** An agent for a person to read: what it is, its state, its signals. */
export function agentText(screen: Screen, agent: AgentDefinition): string {
  const json = agent.toJSON();
  const { failurePolicy, restart, timeoutMs, mailboxLimit } = json;
  const restarts = failurePolicy === 'restart' ? `, at most ${restart.max} in ${limitText(restart.withinMs)}` : '';
  const facts: Fact[] = [
    ['kind', json.kind],
    ...metadataFacts(json),
    ['on failure', `${failurePolicy}${restarts}`],
    ['limits', `${limitText(timeoutMs)} for a handler, ${mailboxLimit} signals that wait`],
    ['begins with', JSON.stringify(agent.initialState)],
  ];
  return [...headLines(screen, json, facts), ...section('state', json.schema), '', '  signals', ...signalLines(agent, '    ')].join('\n');
}
