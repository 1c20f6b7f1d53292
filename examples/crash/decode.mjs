import { defineAction, Type } from 'heddle';

/** Stands for a decoder in native code that some files make it crash. */
export const decode = defineAction({
  module: import.meta.url,
  name: 'decode',
  schema: Type.Object({ file: Type.String() }),
  defaults: { maxRetries: 0 },
  run({ file }) {
    if (file.includes('broken')) process.kill(process.pid, 'SIGSEGV');
    return `pixels of ${file}`;
  },
});
