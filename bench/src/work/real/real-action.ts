import { type Action, defineAction, Type } from '@heddle/core';
import { type JsonRow, parseRows, sumRows } from './json.ts';
import { markdownToHtml } from './markdown.ts';
import { minifyModule } from './minify.ts';
import { type RawImage, shrink } from './resize.ts';

const module: string = import.meta.url;
/** Nothing is done again, and nothing is hurried: what is measured is the work. */
const defaults = { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 } as const;
const schema = Type.String();

export const minifyAction: Action<string, string> = defineAction({
  module,
  name: 'minifyModule',
  schema,
  defaults,
  run: (code) => minifyModule(code),
});

export const markdownAction: Action<string, string> = defineAction({
  module,
  name: 'markdownToHtml',
  schema,
  defaults,
  run: (text) => markdownToHtml(text),
});

export const shrinkAction: Action<RawImage, RawImage> = defineAction({
  module,
  name: 'shrink',
  defaults,
  run: (image: RawImage) => shrink(image),
});

export const parseAction: Action<string, readonly JsonRow[]> = defineAction({
  module,
  name: 'parseRows',
  schema,
  defaults,
  run: (text) => parseRows(text),
});

export const sumAction: Action<string, number> = defineAction({
  module,
  name: 'sumRows',
  schema,
  defaults,
  run: (text) => sumRows(text),
});
