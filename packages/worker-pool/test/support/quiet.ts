import type { RuntimeEvent } from '../../src/event.ts';
import type { Logger } from '../../src/logger.ts';
import { type ParsedRuntimeOptions, parseRuntimeOptions, type RuntimeOptions } from '../../src/options.ts';

const ignore = (): void => {};

/** A logger that writes nothing. */
export const quietLogger: Logger = {
  level: 'silent',
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  fatal: ignore,
};

/** Runtime options that print nothing, the same on every machine; events are kept where they are asked for. */
export function quietOptions(options: RuntimeOptions = {}, events: RuntimeEvent[] = []): ParsedRuntimeOptions {
  const parsed = parseRuntimeOptions({ logger: quietLogger, onEvent: (event: RuntimeEvent) => void events.push(event), ...options });
  return { ...parsed, cores: Number.POSITIVE_INFINITY };
}
