import { statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { HeddleError, isHeddleError } from '@heddle/core';
import { type Definition, kindOfDefinition, loadDefinitions } from '../load-definitions.ts';
import { tableLines } from '../report/table.ts';
import type { ExitCode } from '../shell/exit-code.ts';
import { createScreenLogger } from '../shell/logger.ts';
import type { Shell } from '../shell/shell.ts';
import { findActionFiles } from './action-files.ts';
import type { CommandSpec, Given } from './spec.ts';
import { flagOption } from './value.ts';

/** `heddle list`: the actions and agents of a file or folder. */
export const listCommand: CommandSpec = {
  name: 'list',
  arguments: [['[path]', 'a file, or a folder to look through (default: this folder)']],
  summary: 'list the actions and agents of a file or folder',
  description: `Lists actions and agents with their kind and description. In a folder, the files that mention
\`defineAction\` or \`defineAgent\` are imported, those of node_modules, hidden folders and tests aside; a file that
does not load is named on stderr.`,
  options: [{ flags: '--json', description: 'as a JSON array' }],
  examples: [
    ['heddle list src/actions', 'lists what the folder has'],
    ['heddle list images.ts', 'lists what the file has'],
    ['heddle list --json | jq -r ".[].name"', 'prints the names alone'],
  ],
  run: list,
};

interface Listed {
  readonly file: string;
  readonly definition: Definition;
}

async function list({ arguments: [path = '.'], options }: Given, shell: Shell): Promise<ExitCode> {
  const listed = await collect(resolve(shell.cwd, path), path, shell);
  shell.stdout.write(flagOption(options, 'json') ? `${jsonText(listed)}\n` : listText(listed));
  return 0;
}

async function collect(path: string, given: string, shell: Shell): Promise<readonly Listed[]> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new HeddleError('invalid_input', `There is no file or folder \`${given}\``);
  if (!stat.isDirectory()) return await listFile(path, shell);
  const listed: Listed[] = [];
  for (const file of await findActionFiles(path)) {
    try {
      listed.push(...(await listFile(file, shell)));
    } catch (error) {
      if (!isHeddleError(error)) throw error;
      shell.stderr.write(`left out \`${relative(shell.cwd, file)}\`: ${error.message}\n`);
    }
  }
  if (listed.length === 0) throw new HeddleError('invalid_input', `No action or agent is exported in \`${given}\``);
  return listed;
}

/** A runtime a file, none of which starts a thread: names are unique in a runtime, and two files of a folder may well share one. */
async function listFile(file: string, shell: Shell): Promise<readonly Listed[]> {
  const logger = createScreenLogger((line) => shell.stderr.write(`${line}\n`));
  const runtime = shell.createRuntime({ threads: { min: 0, max: 1 }, logger });
  try {
    const definitions = await loadDefinitions(runtime, file, shell.cwd);
    return [...definitions.values()].map((definition) => ({ file: relative(shell.cwd, file), definition }));
  } finally {
    await runtime.close();
  }
}

function listText(listed: readonly Listed[]): string {
  const rows = listed.map(({ file, definition }) => [definition.name, kindOfDefinition(definition), file, definition.description ?? '']);
  return `${tableLines(rows).join('\n')}\n`;
}

function jsonText(listed: readonly Listed[]): string {
  const all = listed.map(({ file, definition }) => {
    const { name, description, category, tags } = definition;
    return { name, kind: kindOfDefinition(definition), file, description, category, tags };
  });
  return JSON.stringify(all, undefined, 2);
}
