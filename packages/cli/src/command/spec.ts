import type { ExitCode } from '../shell/exit-code.ts';
import type { Shell } from '../shell/shell.ts';

/** An option of a command. */
export interface OptionSpec {
  /** As in the help: `-o, --output <file>`. */
  readonly flags: string;
  readonly description: string;
  /** Makes the value of the text. @throws Error saying what was expected */
  readonly parse?: (text: string) => unknown;
}

/** What a person gave: arguments in order, options by their camel-cased name. */
export interface Given {
  readonly arguments: readonly (string | undefined)[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** A command, described apart from the library that parses the line. */
export interface CommandSpec {
  readonly name: string;
  /** `<required>`, `[optional]`, `<several...>`, each with what it is. */
  readonly arguments: readonly (readonly [name: string, description: string])[];
  /** One line. */
  readonly summary: string;
  /** What the help says before the options. */
  readonly description: string;
  readonly options: readonly OptionSpec[];
  /** Command lines that teach, each with what it does. */
  readonly examples: readonly (readonly [line: string, says: string])[];
  /** What the help says at its end. */
  readonly notes?: string;
  /** Does it. @throws HeddleError for what is wrong with the command as given */
  run(given: Given, shell: Shell): Promise<ExitCode>;
}
