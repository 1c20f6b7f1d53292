import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { begin } from './answer.ts';

/** What is served, and as what. */
const FILES: ReadonlyMap<string, string> = new Map([
  ['index.html', 'text/html; charset=utf-8'],
  ['page.js', 'text/javascript; charset=utf-8'],
  ['page.css', 'text/css; charset=utf-8'],
  ['icon.svg', 'image/svg+xml'],
  ['licences.txt', 'text/plain; charset=utf-8'],
]);

/** The page's own files, from beside this package's code; read when first asked for. */
export class PageFiles {
  readonly #read = new Map<string, Buffer>();

  has(name: string): boolean {
    return FILES.has(name);
  }

  answer(name: string, response: ServerResponse): void {
    const body = this.#read.get(name) ?? readFileSync(new URL(`../../dist/page/${name}`, import.meta.url));
    this.#read.set(name, body);
    begin(response, 200, { 'content-type': FILES.get(name) ?? 'application/octet-stream', 'cache-control': 'no-cache' });
    response.end(body);
  }
}
