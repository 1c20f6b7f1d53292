import type { AgentContext, SignalHandler } from '@heddle/core';

/** How the signals are handled that every agent understands, where its `on` does not. Source: SEMANTICS W-5, W-6. */
export function standardHandler(signal: string): SignalHandler<unknown, unknown> | undefined {
  switch (signal) {
    case 'cancel':
      return cancelled;
    case 'status':
      return tellStatus;
    case 'child.start':
    case 'child.exit':
      return keep;
    default:
      return undefined;
  }
}

function cancelled(state: unknown, data: unknown): unknown {
  const reason = typeof data === 'object' && data !== null && 'reason' in data ? data.reason : undefined;
  const error = { type: 'cancelled', reason: typeof reason === 'string' ? reason : 'cancelled' };
  return { ...(state as object), status: 'failed', error }; // a state is an object
}

function tellStatus(state: unknown, _data: unknown, ctx: AgentContext): void {
  const { status } = state as { readonly status?: unknown }; // a state is an object
  ctx.reply(status);
}

function keep(): void {}
