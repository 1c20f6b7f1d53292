type Write = (fields: object, message?: string) => void;

/** A logger as a runtime takes it. */
export interface ScreenLogger {
  readonly level: string;
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
}

/** What a person at a terminal has no use for. */
const HIDDEN: ReadonlySet<string> = new Set(['taskId', 'attempt', 'threadId', 'action', 'level', 'time']);

/** Shows log records, warnings and above, as plain lines: `warning: resize: no such colour profile path=a.jpg`. */
export function createScreenLogger(show: (line: string) => void): ScreenLogger {
  const silent: Write = () => {};
  const write =
    (level: string): Write =>
    (fields, message) =>
      show(recordText(level, fields, message));
  return Object.freeze({
    level: 'warn',
    trace: silent,
    debug: silent,
    info: silent,
    warn: write('warning'),
    error: write('error'),
    fatal: write('fatal'),
  });
}

function recordText(level: string, fields: object, message: string | undefined): string {
  const { action } = fields as { readonly action?: unknown }; // any object may be asked
  const rest = Object.entries(fields).filter(([key]) => !HIDDEN.has(key));
  const who = typeof action === 'string' ? `${action}: ` : '';
  return [`${level}: ${who}${message ?? ''}`, ...rest.map(([key, value]) => `${key}=${valueText(value)}`)].join(' ').trimEnd();
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return value.message;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
