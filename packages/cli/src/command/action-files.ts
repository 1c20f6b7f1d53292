import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SCRIPT = /\.(?:[cm]?js|[cm]?ts)$/;
const DEFINES = /defineA(?:ction|gent)/;
const NO_ACTIONS = /\.d\.[cm]?ts$|\.(?:test|spec)\.[cm]?[jt]s$/;

/**
 * The files of a folder, and of those in it, that may define actions and agents: scripts that mention `defineAction` or `defineAgent`.
 * Others are left alone, since to import a file is to run it. Hidden folders and `node_modules` are passed over.
 */
export async function findActionFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (isOpenFolder(entry)) found.push(...(await findActionFiles(path)));
    else if (isScript(entry) && DEFINES.test(await readFile(path, 'utf8'))) found.push(path);
  }
  return found;
}

function isOpenFolder(entry: Dirent): boolean {
  return entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.');
}

function isScript(entry: Dirent): boolean {
  return entry.isFile() && SCRIPT.test(entry.name) && !NO_ACTIONS.test(entry.name);
}
