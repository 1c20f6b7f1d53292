import type { Runtime } from '@heddle/worker-pool';
import type { OptionSpec } from '../command/spec.ts';
import { portValue } from '../command/value.ts';
import type { Shell } from '../shell/shell.ts';
import { serveDashboard } from './serve.ts';

/** The option of commands that run something: a live page beside it. */
export const dashboardOption: OptionSpec = {
  flags: '--dashboard [port]',
  description: 'a live page about what runs, on this machine alone (default port: 4680); its address goes to stderr',
  parse: portValue,
};

/** Where a page was asked for; `undefined` = nowhere. */
export type DashboardPort = number | 'default' | undefined;

/** The value of {@link dashboardOption}. */
export function dashboardPort(options: Readonly<Record<string, unknown>>): DashboardPort {
  const { dashboard } = options;
  if (typeof dashboard === 'number') return dashboard;
  return dashboard === true ? 'default' : undefined;
}

/**
 * Serves a page beside what a command runs, if it was asked for; answers how to end it.
 *
 * @throws HeddleError `invalid_input` for a port that cannot be had
 */
export async function serveBeside(runtime: Runtime, port: DashboardPort, shell: Shell): Promise<() => Promise<void>> {
  if (port === undefined) return async () => {};
  const page = await serveDashboard(runtime, { port: port === 'default' ? undefined : port });
  shell.stderr.write(`dashboard: ${page.url}\n`);
  return page.close;
}
