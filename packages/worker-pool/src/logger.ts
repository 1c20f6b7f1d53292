import { createRequire } from 'node:module';
import { decodeError, type EncodedError } from './protocol/codec.ts';
import type { LogOutput } from './protocol/output.ts';

type WriteFields = (fields: object, message?: string) => void;

/** What Heddle asks of a logger: pino's shape. Any pino instance or child will do. */
export interface Logger {
  readonly level: string;
  readonly trace: WriteFields;
  readonly debug: WriteFields;
  readonly info: WriteFields;
  readonly warn: WriteFields;
  readonly error: WriteFields;
  readonly fatal: WriteFields;
}

/** The level of the default logger. */
const DEFAULT_LOG_LEVEL = 'warn';

/**
 * The default logger: pino, warnings and above, as JSON lines on stderr. The only place that knows pino, which is loaded at the first
 * record: most processes never write one.
 */
export function createDefaultLogger(name: string): Logger {
  let pino: Logger | undefined;
  const write =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'): WriteFields =>
    (fields, message) => {
      pino ??= loadPino(name);
      pino[level](fields, message);
    };
  return Object.freeze({
    level: DEFAULT_LOG_LEVEL,
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  });
}

function loadPino(name: string): Logger {
  // pino is CommonJS: it can be loaded here and now, without making the first record wait.
  const { pino, destination } = loadPinoModule();
  return pino({ name, level: DEFAULT_LOG_LEVEL }, destination({ dest: 2, sync: true }));
}

interface PinoModule {
  pino(options: object, stream: unknown): Logger;
  destination(options: object): unknown;
}

function loadPinoModule(): PinoModule {
  const require = createRequire(import.meta.url);
  return require('pino') as PinoModule; // its own exports, of which two are used
}

/** Where a record comes from, beside what it says itself. */
export interface RecordOrigin {
  readonly idPrefix: string;
  readonly threadId: number;
  /** Whose the task is, where that is known. */
  readonly tenant: string | undefined;
}

/** Writes a record that came from a lane: its own fields, then action, task id, attempt, tenant and thread id. */
export function writeLaneRecord(logger: Logger, record: LogOutput, { idPrefix, threadId, tenant }: RecordOrigin): void {
  const [, task, attempt, action, level, fields, message] = record;
  const write = writerOf(logger, level);
  const all = { ...decodeFields(fields), action, taskId: idPrefix + task, attempt, ...(tenant === undefined ? {} : { tenant }), threadId };
  write(all, message);
}

function writerOf(logger: Logger, level: string): WriteFields {
  switch (level) {
    case 'trace':
    case 'debug':
    case 'info':
    case 'warn':
    case 'error':
    case 'fatal':
      return (fields, message) => logger[level](fields, message);
    default:
      return (fields, message) => logger.info(fields, message);
  }
}

/** The fields of a record that came from a lane, its errors as errors. */
export function decodeFields(fields: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const entries = Object.entries(fields ?? {}).map(([key, value]) => [key, isEncodedError(value) ? decodeError(value.heddleError) : value]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function isEncodedError(value: unknown): value is { heddleError: EncodedError } {
  return typeof value === 'object' && value !== null && 'heddleError' in value;
}
