import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** What a run of the benchmarks was asked for. */
export interface BenchOptions {
  /** Names of scenarios; empty = all. */
  readonly scenarios: readonly string[];
  readonly rounds: number;
  readonly threads: number;
  /** Names of peers; empty = all. The baseline is always there. */
  readonly peers: readonly string[];
  readonly quick: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** What is known, to check names against. */
export interface Known {
  readonly scenarios: readonly string[];
  readonly peers: readonly string[];
}

/** A command line that is wrong; the message says how. */
export class UsageError extends Error {}

/**
 * Parses the command line.
 *
 * @throws UsageError
 */
export function parseBenchOptions(argv: readonly string[], known: Known): BenchOptions {
  const { values, positionals } = parse(argv);
  for (const name of positionals) mustBe('scenario', name, known.scenarios);
  const peers = (values.peers ?? '').split(',').filter((name) => name !== '');
  for (const name of peers) mustBe('peer', name, known.peers);
  const quick = values.quick ?? false;
  return {
    scenarios: positionals,
    rounds: count('--rounds', values.rounds) ?? (quick ? 3 : 5),
    threads: count('--threads', values.threads) ?? availableParallelism(),
    peers,
    quick,
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

interface Values {
  readonly rounds?: string;
  readonly threads?: string;
  readonly peers?: string;
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly help?: boolean;
}

function parse(argv: readonly string[]): { readonly values: Values; readonly positionals: readonly string[] } {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        threads: { type: 'string' },
        peers: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function mustBe(what: string, name: string, names: readonly string[]): void {
  if (!names.includes(name)) throw new UsageError(`There is no ${what} \`${name}\`; there are ${names.join(', ')}`);
}

function count(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`\`${option}\` takes a whole number ≥ 1; got ${text}`);
  return value;
}
