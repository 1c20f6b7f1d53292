import { HeddleError } from '@heddle/core';
import type { Runtime } from '@heddle/worker-pool';

/** How a command serves a dashboard. */
export interface ServeOptions {
  /** `undefined` = the dashboard's own. */
  readonly port: number | undefined;
  readonly host?: string;
  readonly token?: string;
  readonly readOnly?: boolean;
  readonly start?: boolean;
}

/** A dashboard that listens. */
export interface ServedDashboard {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves a dashboard of a runtime. Loaded only where somebody asks for one.
 *
 * @throws HeddleError `invalid_input` for a port or an address that cannot be had; `config_error` for options at fault
 */
export async function serveDashboard(runtime: Runtime, { port, host, ...options }: ServeOptions): Promise<ServedDashboard> {
  const { createDashboard } = await import('@heddle/dashboard');
  const dashboard = createDashboard(runtime, options);
  try {
    const { url } = await dashboard.listen({ ...(port === undefined ? {} : { port }), ...(host === undefined ? {} : { host }) });
    return { url, close: () => dashboard.close() };
  } catch (error) {
    await dashboard.close();
    throw listenError(error);
  }
}

function listenError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof HeddleError) return error;
  const hint = error.code === 'EADDRINUSE' ? 'choose another with `--port`, or 0 for any that is free' : 'look at `--host` and `--port`';
  return new HeddleError('invalid_input', `The dashboard cannot listen there: ${error.message}; ${hint}`, { cause: error });
}
