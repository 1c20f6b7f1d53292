import { HeddleError } from '@heddle/core';
import { NOT_SMALL, snapshot } from '../protocol/snapshot.ts';
import { uncloneableError } from '../protocol/uncloneable.ts';
import { closedError } from '../task-error.ts';
import { goneError, schemaError, unknownAgentError } from './agent-error.ts';
import type { AgentHost } from './agent-host.ts';
import type { AgentRun } from './agent-run.ts';
import type { Call, Mail } from './mailbox.ts';

const STANDARD: ReadonlySet<string> = new Set(['cancel', 'status']);

/**
 * Sends a signal to whoever has an id.
 *
 * @throws HeddleError `not_found`, and as {@link sendSignal}
 */
export function sendTo(host: AgentHost, id: string, signal: string, data: unknown): void {
  const run = host.byId(id);
  if (run === undefined) throw unknownAgentError(id);
  sendSignal(host, run, signal, data);
}

/**
 * Puts a signal into an agent's mailbox: checked, and copied, so that whoever sent it may go on with its data.
 *
 * @throws HeddleError `not_found`, `closed`, `invalid_input`, `validation_error`, `uncloneable`, `overloaded`
 */
export function sendSignal(host: AgentHost, run: AgentRun, signal: string, data: unknown, call?: Call): Mail {
  const { outcome, entry } = run.life;
  if (run.settled) throw goneError(run.id, outcome?.ok === false ? outcome.error : undefined);
  if (host.closing) throw closedError(host.ports.name);
  if (run.stopping) throw new HeddleError('closed', `Agent ${run.id} is being stopped and takes no more signals`);
  const { on } = run.entry.definition;
  if (!Object.hasOwn(on, signal) && !STANDARD.has(signal)) {
    const handles = [...Object.keys(on), ...STANDARD].map((name) => `\`${name}\``).join(', ');
    throw new HeddleError('invalid_input', `Agent ${entry.action.name} does not handle \`${signal}\`; it handles ${handles}`);
  }
  const checked = run.entry.signals.get(signal)?.validate(data) ?? { ok: true, value: data };
  if (!checked.ok) throw schemaError(`data for \`${signal}\``, entry.action.name, checked.faults);
  return run.signal(signal, copyOf(entry.action.name, checked.value), call);
}

function copyOf(agent: string, data: unknown): unknown {
  const copy = snapshot(data);
  if (copy !== NOT_SMALL) return copy;
  try {
    return structuredClone(data);
  } catch (cause) {
    throw uncloneableError(agent, 'data', data, cause);
  }
}
