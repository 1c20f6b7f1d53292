import { type AgentDefinition, type AgentRef, HeddleError, isHeddleError } from '@heddle/core';
import { createValidator } from '@heddle/core/validation';
import type { LineReader } from '../coroutine/line-reader.ts';
import { type ConsoleLine, parseConsoleLine } from './console-line.ts';
import type { AgentReport } from './report.ts';
import { signalLines } from './signal-lines.ts';

/** What a console is held with. */
export interface ConsoleParts {
  readonly agent: AgentDefinition;
  readonly ref: AgentRef;
  readonly lines: LineReader;
  readonly report: AgentReport;
  /** What stands before a line that is typed. */
  readonly prompt: string;
}

const STANDARD: readonly string[] = ['cancel', 'status'];
const NO_LIMIT = { timeoutMs: Number.POSITIVE_INFINITY };

/** Takes the lines, one after the other, until `stop` or their end. Answers whether all of them were right. */
export async function talk(parts: ConsoleParts): Promise<boolean> {
  let right = true;
  for (;;) {
    const text = await parts.lines.ask(parts.prompt);
    if (text === undefined) return right;
    const line = parseConsoleLine(text);
    if (line.kind === 'stop') return right;
    try {
      await take(line, parts);
    } catch (error) {
      if (!isHeddleError(error)) throw error;
      // What has ended takes nothing, and how it ended is told then.
      if (parts.ref.status === 'settled') return right;
      right = false;
      parts.report.wrong(error);
    }
  }
}

/** @throws HeddleError for a line that is wrong, or that the agent does not take */
async function take(line: Exclude<ConsoleLine, { kind: 'stop' }>, { agent, ref, lines, report }: ConsoleParts): Promise<void> {
  switch (line.kind) {
    case 'nothing':
      return;
    case 'wrong':
      throw new HeddleError('invalid_input', line.message);
    case 'help':
      for (const text of helpLines(agent)) lines.show(text);
      return;
    case 'state':
      report.state(await ref.state());
      return;
    case 'cast':
      checkSignal(agent, line.signal);
      // What fits the signal is not known before it is loaded; its own schema checks the data.
      ref.send(line.signal as never, line.data as never);
      return;
    case 'call': {
      checkSignal(agent, line.signal);
      // A handler has its own limit. As above for the data.
      const outcome = await ref.call(line.signal as never, line.data as never, NO_LIMIT as never);
      if (!outcome.ok && !fits(agent, line)) throw outcome.error;
      report.replied(line.signal, outcome);
    }
  }
}

function checkSignal({ name, on }: AgentDefinition, signal: string): void {
  if (Object.hasOwn(on, signal) || STANDARD.includes(signal)) return;
  const known = [...Object.keys(on), ...STANDARD].map((key) => `\`${key}\``).join(', ');
  throw new HeddleError('invalid_input', `Agent ${name} has no signal \`${signal}\`: it has ${known} (\`help\` shows their data)`);
}

/** Data that does not fit was refused before it was sent; any other failure is the handler's. */
function fits({ signals }: AgentDefinition, { signal, data }: { readonly signal: string; readonly data: unknown }): boolean {
  const schema = signals[signal];
  return schema === undefined || createValidator(schema).validate(data).ok;
}

function helpLines(agent: AgentDefinition): readonly string[] {
  return [
    '<signal> [json] sends it · ? <signal> [json] calls it · state · help · stop',
    ...signalLines(agent, '  '),
    ...STANDARD.filter((signal) => !Object.hasOwn(agent.on, signal)).map((signal) => `  ${signal}  ${STANDARD_TEXT[signal]}`),
  ];
}

const STANDARD_TEXT: Readonly<Record<string, string>> = {
  cancel: 'optional {"reason"}; asks it to fail',
  status: 'called, answers its status',
};
