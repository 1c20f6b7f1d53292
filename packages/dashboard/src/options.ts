import { HeddleError } from '@heddle/core';

/** What a dashboard is made with. */
export interface DashboardOptions {
  /** Cancel, resume, ending a lane and starting are refused, and not shown. @defaultValue false */
  readonly readOnly?: boolean;
  /** Whether the page may start the runtime's registered actions, with params of its own. @defaultValue false */
  readonly start?: boolean;
  /**
   * What a visitor has to know: in the address of the first visit (`?token=…`, which leaves a cookie), or as a bearer. At least 16 characters;
   * `false` = none, and then only this machine is answered. @defaultValue false, and one is made where `listen` is told to leave the loopback
   */
  readonly token?: string | false;
  /** Names that requests without a token may come under, beside those of the loopback: `Host` is checked against DNS rebinding. @defaultValue `[]` */
  readonly hosts?: readonly string[];
  /** Where a server of yours has the handler: `/heddle`. @defaultValue '' */
  readonly basePath?: string;
  /** Settled tasks that are kept, of those that were followed. @defaultValue 1000 */
  readonly keep?: number;
  /**
   * Whether tiny items of `map` are followed one by one, as tasks; it makes maps of them some ten times slower. Else those that travel
   * together are in the totals alone. @defaultValue 'counted'
   */
  readonly mapItems?: 'counted' | 'each';
}

/** Where a dashboard listens by itself. */
export interface ListenOptions {
  /** @defaultValue 4680 */
  readonly port?: number;
  /** An address of this machine. Any but the loopback needs a token. @defaultValue '127.0.0.1' */
  readonly host?: string;
}

/** Complete. */
export interface ParsedDashboardOptions {
  readonly readOnly: boolean;
  readonly start: boolean;
  readonly token: string | false | undefined;
  readonly hosts: readonly string[];
  readonly basePath: string;
  readonly keep: number;
  readonly each: boolean;
}

const MIN_TOKEN = 16;
const MAX_KEPT = 100_000;

type Fault = (value: unknown) => string | undefined;

const FAULTS: Readonly<Record<keyof DashboardOptions, Fault>> = {
  readOnly: isA('boolean'),
  start: isA('boolean'),
  token: (value) =>
    value === false || (typeof value === 'string' && value.length >= MIN_TOKEN && /^[\x21-\x7e]+$/.test(value))
      ? undefined
      : `must be ${MIN_TOKEN} or more printable characters without spaces, or false`,
  hosts: (value) =>
    Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '') ? undefined : 'must be an array of host names',
  basePath: (value) =>
    value === '' || (typeof value === 'string' && /^(?:\/[\w.~-]+)+$/.test(value)) ? undefined : "must be '' or a path such as '/heddle'",
  keep: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_KEPT
      ? undefined
      : `must be a whole number from 1 to ${MAX_KEPT}`,
  mapItems: (value) => (value === 'counted' || value === 'each' ? undefined : "must be 'counted' or 'each'"),
};

/**
 * Checks the options; every fault is named at once.
 *
 * @throws HeddleError `config_error`
 */
export function parseDashboardOptions(given: unknown): ParsedDashboardOptions {
  const faults = faultsOf(given, FAULTS);
  if (faults.length > 0)
    throw new HeddleError('config_error', `Invalid options of the dashboard: ${faults.join('; ')}`, { details: { faults } });
  const options = given as DashboardOptions; // checked above
  return {
    readOnly: options.readOnly ?? false,
    start: options.start ?? false,
    token: options.token,
    hosts: (options.hosts ?? []).map((host) => host.toLowerCase()),
    basePath: options.basePath ?? '',
    keep: options.keep ?? 1000,
    each: options.mapItems === 'each',
  };
}

const LISTEN_FAULTS: Readonly<Record<keyof ListenOptions, Fault>> = {
  port: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535 ? undefined : 'must be a port, 0 to 65535',
  host: (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be an address'),
};

/** As {@link parseDashboardOptions}. */
export function parseListenOptions(given: unknown): Required<ListenOptions> {
  const faults = faultsOf(given, LISTEN_FAULTS);
  if (faults.length > 0)
    throw new HeddleError('config_error', `Invalid options of \`listen\`: ${faults.join('; ')}`, { details: { faults } });
  const { port = 4680, host = '127.0.0.1' } = given as ListenOptions; // checked above
  return { port, host };
}

function faultsOf(given: unknown, known: Readonly<Record<string, Fault>>): string[] {
  if (typeof given !== 'object' || given === null) return ['they must be an object'];
  return Object.entries(given).flatMap(([name, value]: [string, unknown]) => {
    const fault = known[name];
    if (fault === undefined) return [`\`${name}\` is not an option`];
    const why = value === undefined ? undefined : fault(value);
    return why === undefined ? [] : [`\`${name}\` ${why}`];
  });
}

function isA(type: 'boolean'): Fault {
  return (value) => (typeof value === type ? undefined : `must be a ${type}`);
}
