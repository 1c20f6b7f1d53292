import { readdirSync, readFileSync } from 'node:fs';
import type { Action } from '@heddle/core';
import { type JsonRow, parseRows, sumRows } from './json.ts';
import { markdownToHtml } from './markdown.ts';
import { minifyModule } from './minify.ts';
import { markdownAction, minifyAction, parseAction, shrinkAction, sumAction } from './real-action.ts';
import { type RawImage, shrink } from './resize.ts';

/** A piece of work that somebody might really have, in the form each contender takes. */
export interface RealWork<P, V> {
  readonly title: string;
  /** The built file that exports the function `name`. */
  readonly file: string;
  readonly name: string;
  readonly action: Action<P, V>;
  run(params: P): V | Promise<V>;
  /** The `index`th piece, made anew: one that was moved is gone. */
  itemAt(index: number): P;
  /** What of it is moved instead of copied. */
  transferOf?(params: P): ArrayBuffer[];
  /** Something short that differs when results do. */
  digest(value: V): number;
  readonly count: number;
}

const fileOf = (name: string): string => new URL(`./${name}.js`, import.meta.url).href;
/** What the benchmarks depend on stands beside them; some packages do not let themselves be found otherwise. */
const packageOf = (name: string): URL => new URL(`../../../node_modules/${name}/`, import.meta.url);

/** Terser on its own sources, but for the largest. */
export function minifying(quick: boolean): RealWork<string, string> {
  const folder = new URL('lib/compress/', packageOf('terser'));
  const texts = readdirSync(folder)
    .sort()
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .filter(({ length }) => length < 30_000);
  return {
    title: 'minify: modules of 3 to 25 kB, terser',
    file: fileOf('minify'),
    name: 'minifyModule',
    action: minifyAction,
    run: minifyModule,
    itemAt: (index) => texts[index % texts.length] ?? '',
    digest: ({ length }) => length,
    count: quick ? texts.length : 3 * texts.length,
  };
}

/** The README files of what the benchmarks depend on. */
export function rendering(quick: boolean): RealWork<string, string> {
  const texts = ['comlink', 'marked', 'piscina', 'terser', 'workerpool'].map((name) => {
    return readFileSync(new URL('README.md', packageOf(name)), 'utf8');
  });
  return {
    title: 'Markdown: texts of 3 to 60 kB, marked',
    file: fileOf('markdown'),
    name: 'markdownToHtml',
    action: markdownAction,
    run: markdownToHtml,
    itemAt: (index) => texts[index % texts.length] ?? '',
    digest: ({ length }) => length,
    count: quick ? 100 : 400,
  };
}

const WIDTH = 1024;
const HEIGHT = 768;

/** Pictures without a pattern that repeats. */
export function shrinking(quick: boolean): RealWork<RawImage, RawImage> {
  return {
    title: `images: ${WIDTH} × ${HEIGHT} raw pixels (2.4 MB) to an eighth, sharp`,
    file: fileOf('resize'),
    name: 'shrink',
    action: shrinkAction,
    run: shrink,
    itemAt(index) {
      const pixels = new Uint8Array(WIDTH * HEIGHT * 3);
      for (let at = 0; at < pixels.length; at++) pixels[at] = (at * (index + 3)) >> 5;
      return { pixels, width: WIDTH, height: HEIGHT };
    },
    transferOf: ({ pixels }) => [pixels.buffer as ArrayBuffer], // made above
    digest: ({ pixels }) => pixels.reduce((sum, value) => sum + value, 0),
    count: quick ? 16 : 48,
  };
}

const JSON_BYTES = 10_000_000;

function jsonText(seed: number): string {
  const rows: JsonRow[] = [];
  for (let id = 0, bytes = 0; bytes < JSON_BYTES; id++) {
    const row = { id, name: `Ada Lovelace ${id * seed}`, tags: ['red', `tag ${id % 97}`], price: id % 1000 };
    rows.push(row);
    bytes += JSON.stringify(row).length + 1;
  }
  return JSON.stringify(rows);
}

function jsonFiles(quick: boolean): { readonly itemAt: (index: number) => string; readonly count: number } {
  const texts = [1, 2, 3, 4].map(jsonText);
  return { itemAt: (index) => texts[index % texts.length] ?? '', count: quick ? 4 : 12 };
}

/** Large files, and all of their objects wanted here. */
export function parsing(quick: boolean): RealWork<string, readonly JsonRow[]> {
  return {
    ...jsonFiles(quick),
    title: 'JSON: files of 10 MB, every object wanted back',
    file: fileOf('json'),
    name: 'parseRows',
    action: parseAction,
    run: parseRows,
    digest: ({ length }) => length,
  };
}

/** Large files of which one number is wanted. */
export function summing(quick: boolean): RealWork<string, number> {
  return {
    ...jsonFiles(quick),
    title: 'JSON: files of 10 MB, one number wanted back',
    file: fileOf('json'),
    name: 'sumRows',
    action: sumAction,
    run: sumRows,
    digest: (value) => value,
  };
}
