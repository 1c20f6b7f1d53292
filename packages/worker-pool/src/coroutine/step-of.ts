import type { CoroutineFault, HeddleError, Outcome, Step, TerminalStep } from '@heddle/core';
import { decodeError, type EncodedError } from '../protocol/codec.ts';
import { StepMark } from '../protocol/step.ts';

/** A step, as its outcome tells it. `asked` is why it was to end, if it was. Source: SEMANTICS C-1, C-6. */
export function stepOf(outcome: Outcome, tag: string | undefined, seq: number, asked: HeddleError | undefined): Step {
  const { directive } = outcome;
  if (outcome.ok) {
    if (directive instanceof StepMark)
      return { kind: 'suspended', value: outcome.value, data: directive.data as Readonly<Record<string, unknown>> | null, tag, seq }; // as the lane made it
    return { kind: 'completed', value: outcome.value, ...(directive === undefined ? {} : { directive }), tag, seq };
  }
  const { error } = outcome;
  if (error.type === 'cancelled') return { kind: 'cancelled', reason: reasonOf(asked?.type === 'cancelled' ? asked : error), tag, seq };
  return { kind: 'thrown', error: thrownOf(error, directive), fault: error, tag, seq };
}

function thrownOf(error: HeddleError, mark: unknown): unknown {
  if (error.type === 'worker_lost') return { kind: 'exit', payload: error } satisfies CoroutineFault;
  if (!(mark instanceof StepMark)) return { kind: 'error', payload: error, stack: error.stack } satisfies CoroutineFault;
  switch (mark.kind) {
    case 'suspended':
    case 'unsent':
      return { kind: 'error', payload: error, stack: error.stack } satisfies CoroutineFault;
    case 'value':
      return mark.data;
    case 'throw':
      return { kind: 'throw', payload: mark.data } satisfies CoroutineFault;
    case 'error': {
      const payload = decodeError(mark.data as EncodedError); // as the lane made it
      return { kind: 'error', payload, stack: payload.stack } satisfies CoroutineFault;
    }
  }
}

function reasonOf({ details, message }: HeddleError): string {
  const { reason } = details;
  return typeof reason === 'string' ? reason : message;
}

/** Whether a step is the last. */
export function isTerminal(step: Step): step is TerminalStep {
  return step.kind !== 'suspended';
}
