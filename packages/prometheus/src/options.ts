import { isRecord, kindOf } from '@heddle/core/engine';
import type { Registry } from 'prom-client';

/** How metrics are collected. */
export interface CollectOptions {
  /** Where they are registered. @defaultValue the default registry of `prom-client` */
  readonly register?: Registry;
  /** What their names begin with. @defaultValue 'heddle_' */
  readonly prefix?: string;
  /** Labels that all of them have, beside their own. */
  readonly labels?: Readonly<Record<string, string>>;
}

const KEYS = ['register', 'prefix', 'labels'];
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const OWN_LABELS = ['action', 'outcome', 'error_type', 'retried', 'kind', 'state', 'lane', 'stateful', 'le'];

/** What is wrong with the options, all of it. */
export function collectFaults(options: unknown): string[] {
  if (!isRecord(options)) return [`expected an object, got ${kindOf(options)}`];
  const { register, prefix, labels } = options;
  const faults = Object.keys(options).flatMap((key) =>
    KEYS.includes(key) ? [] : [`\`${key}\` is not an option: they are ${KEYS.join(', ')}`],
  );
  if (register !== undefined && !(isRecord(register) && typeof register['getSingleMetric'] === 'function'))
    faults.push(`\`register\` must be a registry of prom-client; got ${kindOf(register)}`);
  if (prefix !== undefined && !(typeof prefix === 'string' && (prefix === '' || NAME.test(prefix))))
    faults.push('`prefix` must be a text of letters, digits, `_` and `:` that does not begin with a digit');
  if (labels === undefined) return faults;
  if (!isRecord(labels)) return [...faults, `\`labels\` must be an object; got ${kindOf(labels)}`];
  for (const [label, value] of Object.entries(labels)) {
    if (!LABEL.test(label) || OWN_LABELS.includes(label))
      faults.push(`\`labels.${label}\` is no name for a label, or one that the metrics have`);
    if (typeof value !== 'string') faults.push(`\`labels.${label}\` must be a string; got ${kindOf(value)}`);
  }
  return faults;
}
