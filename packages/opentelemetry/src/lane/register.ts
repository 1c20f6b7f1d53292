import { createRequire } from 'node:module';
import { context } from '@opentelemetry/api';
import { LaneContextManager } from './context-manager.ts';
import { LaneSpanProcessor } from './span-processor.ts';

/** As much of the SDK as a lane needs. */
interface Sdk {
  readonly NodeTracerProvider: new (options: {
    readonly spanProcessors: readonly LaneSpanProcessor[];
  }) => { register(options: { readonly contextManager: LaneContextManager }): void };
}

/**
 * The context manager of this lane. Where nobody has registered one, a tracer provider of the SDK is registered with it, whose spans go to the
 * host; that of a user stays what it is.
 *
 * @throws Error where a context manager is registered that attempts cannot enter, or the SDK is not installed
 */
export function laneContextManager(): LaneContextManager {
  const known = LaneContextManager.of(context.active());
  if (known !== undefined) return known;
  // Loaded here, for the host never needs it; by `require`, for attaching does not wait.
  const { NodeTracerProvider } = createRequire(import.meta.url)('@opentelemetry/sdk-trace-node') as Sdk; // what the package exports
  new NodeTracerProvider({ spanProcessors: [new LaneSpanProcessor()] }).register({ contextManager: new LaneContextManager() });
  const registered = LaneContextManager.of(context.active());
  if (registered !== undefined) return registered;
  throw new Error(
    'a context manager is registered here that attempts cannot enter: give `contextManager: new LaneContextManager()` of `@heddle/opentelemetry` to `register`',
  );
}
