import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { defineAction, Type } from 'heddle';
import { type MinifyOutput, minify as terser } from 'terser';

/** What became of one file. Sizes in bytes. */
export interface Minified {
  readonly before: number;
  /** Minified and compressed. */
  readonly after: number;
  /** Where it is; its source map is beside it, `.map.br` instead of `.br`. */
  readonly file: string;
}

/**
 * Makes a JavaScript file ready for a web server: minifies it, compresses it and its source map with brotli, and writes both to the
 * context's `outputFolder`. Reading, compressing and writing are synchronous, as they may be on a thread of one's own: the
 * asynchronous forms would use threads of Node's instead.
 */
export const minify = defineAction({
  module: import.meta.url,
  name: 'minify',
  description: 'Minifies a JavaScript file and compresses it, and its source map, with brotli.',
  // `id` names the result.
  schema: Type.Object({ id: Type.String({ minLength: 1 }), path: Type.String({ minLength: 1 }) }),
  async run({ id, path }, ctx): Promise<Minified> {
    const source = readFileSync(path, 'utf8');
    const { code, map } = await shorten(source);
    const compressed = brotliCompressSync(code);
    const file = join(String(ctx.context['outputFolder']), id);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.br`, compressed);
    writeFileSync(`${file}.map.br`, brotliCompressSync(map));
    return { before: Buffer.byteLength(source), after: compressed.length, file: `${file}.br` };
  },
});

/** As a module, else as a script. */
async function shorten(source: string): Promise<{ code: string; map: string }> {
  // The map holds the source, so that a debugger needs nothing else.
  const options = { compress: false, mangle: true, sourceMap: { includeSources: true } };
  const { code = '', map }: MinifyOutput = await terser(source, { ...options, module: true }).catch(() =>
    terser(source, { ...options, parse: { bare_returns: true } }),
  );
  return { code, map: typeof map === 'string' ? map : '' };
}
