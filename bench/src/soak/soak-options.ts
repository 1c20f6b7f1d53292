import { parseArgs } from 'node:util';

/** What the command was asked for. */
export interface SoakOptions {
  readonly help: boolean;
  /** The load that is alike in every cycle, in the place of the one at random. */
  readonly steady: boolean;
  readonly minutes: number;
  readonly everySeconds: number;
  readonly seed: number;
  readonly rounds: number;
  readonly stallSeconds: number;
  readonly only: readonly string[];
  /** A folder for the results. */
  readonly out: string | undefined;
}

/** Samples at the least, so that a trend can be told from scatter. */
const SAMPLES = 30;

/** The options of the command, or what is wrong with them. `parts` are the names that may be chosen from. */
export function parseSoakOptions(argv: readonly string[], parts: readonly string[]): SoakOptions | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        minutes: { type: 'string' },
        every: { type: 'string' },
        seed: { type: 'string' },
        rounds: { type: 'string' },
        stall: { type: 'string' },
        only: { type: 'string', multiple: true },
        out: { type: 'string' },
        steady: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const minutes = above('minutes', values.minutes, 60);
    const unknown = (values.only ?? []).filter((name) => !parts.includes(name));
    if (unknown.length > 0) return `\`--only\` takes one of ${parts.join(', ')}; got ${unknown.join(', ')}`;
    return {
      minutes,
      everySeconds: above('every', values.every, Math.min(60, (minutes * 60) / SAMPLES)),
      seed: values.seed === undefined ? Date.now() % 1_000_000 : above('seed', values.seed, 0),
      rounds: above('rounds', values.rounds, Number.POSITIVE_INFINITY),
      stallSeconds: above('stall', values.stall, 90),
      only: values.only ?? [],
      out: values.out,
      steady: values.steady ?? false,
      help: values.help ?? false,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function above(name: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (given !== undefined && !(value > 0)) throw new TypeError(`\`--${name}\` takes a number > 0; got ${given}`);
  return value;
}
