import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineAction, Type } from 'heddle';

/**
 * @typedef {object} Hit
 * @property {string} file
 * @property {number} line
 * @property {string} text
 */

export const search = defineAction({
  module: import.meta.url,
  name: 'search',
  description: 'Looks for a text in the files of a folder.',
  schema: Type.Object({ folder: Type.String(), text: Type.String({ minLength: 1 }) }),
  /** @returns {AsyncGenerator<Hit, number, undefined>} */
  async *run({ folder, text }, ctx) {
    let hits = 0;
    try {
      for await (const file of filesIn(folder)) {
        const lines = (await readFile(join(folder, file), { encoding: 'utf8', signal: ctx.signal })).split('\n');
        for (const [index, line] of lines.entries()) {
          if (!line.includes(text)) continue;
          hits++;
          // Waits here once as many hits are on their way as the reader's window has room for.
          yield { file, line: index + 1, text: line.trim() };
        }
      }
      return hits;
    } finally {
      // Also when the reader leaves, which is a `return` where this stands.
      ctx.progress({ hits });
    }
  },
});

/**
 * The files of a folder and of those in it, as paths in it, in the order of their names.
 *
 * @param {string} folder
 * @returns {AsyncGenerator<string, void, undefined>}
 */
async function* filesIn(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isFile()) yield entry.name;
    if (!entry.isDirectory() || entry.name === 'node_modules') continue;
    for await (const file of filesIn(join(folder, entry.name))) yield `${entry.name}/${file}`;
  }
}
