import { type HeddleError, isHeddleError } from '@heddle/core';
import { paint } from './color.ts';
import type { Screen } from './shell.ts';

interface Fault {
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

const OWN_FRAMES = 5;

/** An error as a person reads it: what went wrong, each field at fault on a line of its own, where it was thrown, what to do. */
export function errorText(screen: Screen, error: HeddleError): string {
  const faults = faultsOf(error);
  const head = faults.length === 0 ? error.message : error.message.split(': ')[0];
  return [
    `${paint(screen, 'bad', 'error:')} ${head} ${paint(screen, 'dim', `(${error.code})`)}`,
    ...faults.map(faultText).map((text) => `  ${text}`),
    ...causeLines(error).map((line) => `  ${paint(screen, 'dim', line)}`),
    ...hints(error).map((hint) => `  ${hint}`),
  ].join('\n');
}

/** The fields a validation error names; none for other errors. */
export function faultsOf(error: HeddleError): readonly Fault[] {
  const faults = error.details['faults'];
  return Array.isArray(faults) ? faults.filter(isFault) : [];
}

/** One field at fault: where, what was expected, what came. */
export function faultText({ path, expected, received }: Fault): string {
  return `\`${path === '' ? '/' : path}\` expected ${expected}, got ${received}`;
}

function isFault(fault: unknown): fault is Fault {
  return typeof fault === 'object' && fault !== null && 'path' in fault && 'expected' in fault && 'received' in fault;
}

function causeLines(error: HeddleError): string[] {
  const lines: string[] = [];
  let { cause } = error;
  for (let depth = 0; depth < 8 && cause instanceof Error; depth++) {
    if (cause.message !== error.message || depth > 0) lines.push(`caused by ${cause.name}: ${cause.message}`);
    if (depth === 0 && !isHeddleError(cause)) lines.push(...ownFrames(cause.stack));
    cause = cause.cause;
  }
  return lines;
}

/** The frames of a stack that are the user's. */
function ownFrames(stack: string | undefined): string[] {
  const frames = (stack ?? '').split('\n').map((line) => line.trim());
  return frames.filter((line) => line.startsWith('at ') && !/node:|node_modules/.test(line)).slice(0, OWN_FRAMES);
}

function hints(error: HeddleError): string[] {
  if (error.type === 'timeout') return ['give it longer with `--timeout`, as in `--timeout 1m`'];
  return [];
}
