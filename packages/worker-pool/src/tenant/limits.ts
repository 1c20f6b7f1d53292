import { isRecord, kindOf } from '@heddle/core/engine';

/** What one tenant may use of a runtime. Source: docs/tenants.md. */
export interface TenantLimits {
  /** Its tasks that may be on lanes at once, begun or sent ahead. What they start in turn is not counted. @defaultValue Infinity */
  readonly concurrency?: number;
  /** Its tasks that may wait, beside those that a lane is free for. @defaultValue Infinity */
  readonly queueLimit?: number;
  /** Tasks that it may start each second. @defaultValue Infinity */
  readonly ratePerSecond?: number;
  /** Tasks that it may start at once after a pause. @defaultValue `ratePerSecond`, and 1 at least */
  readonly burst?: number;
  /** Its share of the lanes' time beside that of others, while more is wanted than there is. @defaultValue 1 */
  readonly weight?: number;
  /** Its coroutines, streams and agents that may be open at once. @defaultValue Infinity */
  readonly stateful?: number;
}

/** The limits of tenants: those of every one, and what single ones have in their place. */
export interface TenantsOptions extends TenantLimits {
  /**
   * What some have other than the rest, by name. A function is called when a tenant of whom nothing is known starts something, so it may be
   * asked again: it answers at once, and without effects. `undefined` = nothing of its own.
   */
  readonly perKey?: Readonly<Record<string, TenantLimits>> | ((tenant: string) => TenantLimits | undefined);
}

/** Limits, complete. */
export interface ParsedTenantLimits {
  readonly concurrency: number;
  readonly queueLimit: number;
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly weight: number;
  readonly stateful: number;
}

/** What was found of one tenant: its limits, and what is wrong with what `perKey` gave. */
interface FoundLimits {
  readonly limits: ParsedTenantLimits;
  readonly faults: readonly string[];
}

/** The limits of tenants, complete. */
export interface ParsedTenants {
  /** Never throws. */
  limitsOf(tenant: string): FoundLimits;
}

/** Those of tasks that belong to no tenant. */
export const UNLIMITED: ParsedTenantLimits = Object.freeze({
  concurrency: Number.POSITIVE_INFINITY,
  queueLimit: Number.POSITIVE_INFINITY,
  ratePerSecond: Number.POSITIVE_INFINITY,
  burst: Number.POSITIVE_INFINITY,
  weight: 1,
  stateful: Number.POSITIVE_INFINITY,
});

/** The faults of a runtime's `tenants`, each naming its option. */
export function tenantsFaults(tenants: unknown): string[] {
  if (tenants === undefined) return [];
  if (!isRecord(tenants)) return [`\`tenants\` must be an object; got ${kindOf(tenants)}`];
  const { perKey, ...base } = tenants;
  const faults = limitFaults('tenants.', base);
  if (perKey === undefined || typeof perKey === 'function') return faults;
  if (!isRecord(perKey)) return [...faults, `\`tenants.perKey\` must be a function or an object; got ${kindOf(perKey)}`];
  return [...faults, ...Object.entries(perKey).flatMap(([key, own]) => ownFaults(`tenants.perKey.${key}`, own))];
}

/** Completes a runtime's `tenants`, which has no faults. */
export function parseTenants(tenants: TenantsOptions): ParsedTenants {
  const { perKey, ...given } = tenants;
  const base = complete(UNLIMITED, given);
  const ownOf =
    typeof perKey === 'function'
      ? perKey
      : (tenant: string) => (perKey !== undefined && Object.hasOwn(perKey, tenant) ? perKey[tenant] : undefined);
  return {
    limitsOf(tenant) {
      let own: TenantLimits | undefined;
      try {
        own = ownOf(tenant);
      } catch (thrown) {
        return { limits: base, faults: [`\`tenants.perKey\` threw: ${thrown instanceof Error ? thrown.message : kindOf(thrown)}`] };
      }
      const faults = ownFaults('tenants.perKey()', own);
      return { limits: own === undefined || faults.length > 0 ? base : complete(base, own), faults };
    },
  };
}

function complete(base: ParsedTenantLimits, own: TenantLimits): ParsedTenantLimits {
  const { concurrency, queueLimit, ratePerSecond = base.ratePerSecond, weight, stateful } = own;
  const inherited = own.ratePerSecond === undefined ? base.burst : Math.max(1, ratePerSecond);
  return {
    concurrency: concurrency ?? base.concurrency,
    queueLimit: queueLimit ?? base.queueLimit,
    ratePerSecond,
    burst: own.burst ?? inherited,
    weight: weight ?? base.weight,
    stateful: stateful ?? base.stateful,
  };
}

function ownFaults(name: string, own: unknown): string[] {
  if (own === undefined) return [];
  return isRecord(own) ? limitFaults(`${name}.`, own) : [`\`${name}\` must be an object; got ${kindOf(own)}`];
}

function limitFaults(prefix: string, limits: Readonly<Record<string, unknown>>): string[] {
  const { concurrency, queueLimit, ratePerSecond, burst, weight, stateful, ...rest } = limits;
  return [
    ...wholeFaults(`${prefix}concurrency`, concurrency, 1),
    ...wholeFaults(`${prefix}queueLimit`, queueLimit, 0),
    ...numberFaults(`${prefix}ratePerSecond`, ratePerSecond, 'a number > 0', (value) => value > 0),
    ...numberFaults(`${prefix}burst`, burst, 'a number ≥ 1', (value) => value >= 1),
    ...numberFaults(`${prefix}weight`, weight, 'a finite number > 0', (value) => value > 0 && Number.isFinite(value)),
    ...wholeFaults(`${prefix}stateful`, stateful, 0),
    ...Object.keys(rest).map((key) => `\`${prefix}${key}\` is not an option`),
  ];
}

function wholeFaults(name: string, value: unknown, least: number): string[] {
  const isWhole = (given: number): boolean => given === Number.POSITIVE_INFINITY || (Number.isInteger(given) && given >= least);
  return numberFaults(name, value, `an integer ≥ ${least}, or Infinity`, isWhole);
}

function numberFaults(name: string, value: unknown, expected: string, holds: (value: number) => boolean): string[] {
  if (value === undefined || (typeof value === 'number' && holds(value))) return [];
  return [`\`${name}\` must be ${expected}; got ${typeof value === 'number' ? value : kindOf(value)}`];
}
