import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { CommandSpec, Given, OptionSpec } from './command/spec.ts';
import type { Screen } from './shell/shell.ts';

/** What the command line asked for. */
export type CommandLine =
  /** A command is to run. */
  | { readonly kind: 'command'; readonly spec: CommandSpec; readonly given: Given }
  /** Help or version was shown. */
  | { readonly kind: 'shown' }
  /** The line was wrong; why was shown on stderr. */
  | { readonly kind: 'wrong' };

/** What the program is, beside its commands. */
export interface ProgramSpec {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly commands: readonly CommandSpec[];
  readonly examples: CommandSpec['examples'];
}

/** Parses a command line; help and version are written to stdout, faults with a suggestion to stderr. The adapter of commander. */
export function parseCommandLine(
  program: ProgramSpec,
  argv: readonly string[],
  { stdout, stderr }: { readonly stdout: Screen; readonly stderr: Screen },
): CommandLine {
  let result: CommandLine = { kind: 'shown' };
  const root = new Command(program.name)
    .description(program.description)
    .version(program.version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show what it does, with examples')
    .helpCommand('help [command]', "show a command's help")
    .addHelpText('after', examplesText(program.examples))
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .configureHelp({ helpWidth: Math.min(stdout.columns ?? 100, 100) })
    .showHelpAfterError('(`--help` shows what there is)')
    .exitOverride();
  for (const spec of program.commands)
    addCommand(root, spec, (given) => {
      result = { kind: 'command', spec, given };
    });
  try {
    root.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? { kind: 'shown' } : { kind: 'wrong' };
  }
  return result;
}

function addCommand(root: Command, spec: CommandSpec, take: (given: Given) => void): void {
  const command = root.command(spec.name).summary(spec.summary).description(spec.description);
  command.helpOption('-h, --help', 'show this');
  for (const [name, description] of spec.arguments) command.argument(name, description);
  for (const option of spec.options) command.addOption(createOption(option));
  command.addHelpText('after', examplesText(spec.examples) + (spec.notes === undefined ? '' : `\n${spec.notes}\n`));
  // Sub-commands copy settings when `.command()` makes them, so these came from the root.
  command.action((...taken: unknown[]) => {
    const given = taken.slice(0, spec.arguments.length);
    // The last may be a list.
    const values = given.flat().map((value: unknown) => (typeof value === 'string' ? value : undefined));
    take({ arguments: values, options: command.opts() });
  });
}

function createOption({ flags, description, parse }: OptionSpec): Option {
  const option = new Option(flags, description);
  if (parse === undefined) return option;
  return option.argParser((text: string) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : '');
    }
  });
}

function examplesText(examples: CommandSpec['examples']): string {
  return `\nExamples:\n${examples.map(([line, says]) => `  $ ${line}\n      ${says}`).join('\n')}\n`;
}
