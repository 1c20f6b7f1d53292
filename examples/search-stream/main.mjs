import { fileURLToPath } from 'node:url';
import { createRuntime } from 'heddle';
import { search } from './search.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const runtime = createRuntime();

// All hits, as they are found, in the order they are yielded.
for await (const { file, line, text } of runtime.stream(search, { folder, text: 'createRuntime' })) {
  console.log(`${file}:${line} ${text}`);
}

// Enough after three. Leaving the loop cancels the search and waits for its cleanup; it is never more than a window ahead by then.
let found = 0;
const onProgress = (/** @type {unknown} */ details) => {
  found = /** @type {{ hits: number }} */ (details).hits;
};
let read = 0;
for await (const { file } of runtime.stream(search, { folder, text: 'e' }, {}, { window: 2, onProgress })) {
  read++;
  if (read === 1) console.log('first hit in', file);
  if (read === 3) break;
}
console.log(`read ${read}, found at most one window more: ${found <= read + 2 + 1}`);

// What it throws is thrown here.
try {
  for await (const hit of runtime.stream(search, { folder: `${folder}/nowhere`, text: 'e' })) console.log(hit);
} catch (error) {
  console.log(/** @type {import('heddle').HeddleError} */ (error).type);
}

await runtime.close();
