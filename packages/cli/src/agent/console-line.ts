/** What a line given to an agent's console asks for. */
export type ConsoleLine =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'state' }
  | { readonly kind: 'help' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'cast' | 'call'; readonly signal: string; readonly data: unknown }
  | { readonly kind: 'wrong'; readonly message: string };

const LINE = /^(\?)?\s*(\S+)(?:\s+(.*))?$/s;

/** Reads a line. `state`, `help` and `stop` are words of the console where they stand alone; with data, or called, they are signals. */
export function parseConsoleLine(text: string): ConsoleLine {
  const line = text.trim();
  if (line === '') return { kind: 'nothing' };
  if (line === 'state' || line === 'help' || line === 'stop') return { kind: line };
  const [, mark, signal, json] = LINE.exec(line) ?? [];
  if (signal === undefined || signal === '?') return { kind: 'wrong', message: 'A signal is expected after `?`, as in `? status`' };
  const kind = mark === undefined ? 'cast' : 'call';
  if (json === undefined) return { kind, signal, data: undefined };
  try {
    return { kind, signal, data: JSON.parse(json) as unknown };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'wrong', message: `The data of \`${signal}\` must be JSON, got \`${json}\`: ${reason}` };
  }
}
