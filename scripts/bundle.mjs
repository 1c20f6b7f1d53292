// `node scripts/bundle.mjs`: makes the dashboard's page, and writes the entries of core and worker-pool anew, over what the compiler has written,
// each as one file with few parts. A fresh process, and each of its threads, then reads a tenth of the files before its first task (`npm run bench start-up`).
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { at } from './workspace.mjs';

// Of a package, what shares a thread is bundled together; what has a thread of its own is bundled apart, without what only others need.
await bundle('packages/core', ['index', 'engine', 'validation']);
await bundle('packages/worker-pool', ['index']);
await bundle('packages/worker-pool', ['worker/entry']);
await bundlePage('packages/dashboard');

/**
 * What a browser is given: one script and one style with all they need, beside the page.
 * @param {string} folder of the package
 */
async function bundlePage(folder) {
  const to = at(folder, 'dist/page');
  mkdirSync(to, { recursive: true });
  const built = await rolldown({ input: at(folder, 'page/main.ts'), platform: 'browser', tsconfig: false });
  await built.write({ file: at(folder, 'dist/page/page.js'), format: 'esm', minify: true, comments: false });
  await built.close();
  for (const name of ['index.html', 'icon.svg']) copyFileSync(at(folder, 'page', name), join(to, name));
  /** @param {string} path */
  const fromChart = (path) => readFileSync(at(folder, 'node_modules/uplot', path), 'utf8');
  writeFileSync(join(to, 'page.css'), fromChart('dist/uPlot.min.css') + readFileSync(at(folder, 'page/page.css'), 'utf8'));
  writeFileSync(join(to, 'licences.txt'), `Heddle\n\n${readFileSync(at('LICENSE'), 'utf8')}\n\nuPlot\n\n${fromChart('LICENSE')}\n`);
}

/**
 * @param {string} folder of the package
 * @param {readonly string[]} entries as they lie below `src` and `dist`
 */
async function bundle(folder, entries) {
  const built = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, at(folder, 'src', `${entry}.ts`)])),
    platform: 'node',
    // Other packages stay what they are: what core and TypeBox know of is known once.
    external: /^[^./]/,
    tsconfig: false,
    plugins: [neighbours(folder)],
  });
  await built.write({
    dir: at(folder, 'dist'),
    format: 'esm',
    sourcemap: true,
    // Half of the text, and with characters that make V8 read all of it at twice the width.
    comments: false,
    chunkFileNames: `shared/${entries[0]?.replace('/', '-')}-[name].js`,
    ...(entries.length > 1 ? { codeSplitting: { groups: [{ name: 'all', test: /./ }] } } : {}),
  });
  await built.close();
  // What the compiler knows of its own output: without it, it writes the entries again when it next runs, and they are never older than the rest.
  rmSync(at(folder, 'dist/.tsbuildinfo'), { force: true });
}

/**
 * Lets a module find the files beside it where the compiler puts them, whichever file the module itself ends in.
 * @param {string} folder of the package
 * @returns {import('rolldown').Plugin}
 */
function neighbours(folder) {
  return {
    name: 'neighbours',
    transform(code, id) {
      const own = posix.dirname(relative(at(folder, 'src'), id).replaceAll('\\', '/'));
      const moved = code.replaceAll(
        /new URL\('(\.[^']+)', import\.meta\.url\)/g,
        (_, path) => `BESIDE(${JSON.stringify(posix.join(own, path))})`,
      );
      return moved === code ? null : { code: moved, map: null };
    },
    renderChunk(code, { fileName }) {
      const moved = code.replaceAll(/BESIDE\("([^"]+)"\)/g, (_, path) => {
        const way = posix.relative(posix.dirname(fileName), path);
        return `new URL(${JSON.stringify(way.startsWith('.') ? way : `./${way}`)}, import.meta.url)`;
      });
      return moved === code ? null : { code: moved, map: null };
    },
  };
}
