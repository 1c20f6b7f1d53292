import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

type Builder = typeof import('@sinclair/typebox');
type Compiler = typeof import('@sinclair/typebox/compiler');
type Interpreter = typeof import('@sinclair/typebox/value');

/** TypeBox's builder of schemas. */
export const typeBox: () => Builder = once(() => load('@sinclair/typebox') as Builder); // what that module exports; so below

/** TypeBox's compiler of schemas. */
export const typeCompiler: () => Compiler = once(() => load('@sinclair/typebox/compiler') as Compiler);

/** TypeBox's checks without compiling, and what it finds at fault. */
export const typeValue: () => Interpreter = once(() => load('@sinclair/typebox/value') as Interpreter);

/**
 * Loads a part of TypeBox here and now, when something first asks for it: it is some 250 files, and a thread whose actions have no schema
 * needs none of them.
 * The same instance as a user's own import gives, so that formats and kinds registered there are known. While such an import is under way,
 * and where Node cannot do that (20.19 can, 22.0 to 22.11 cannot), TypeBox's CommonJS copy: schemas are plain data under registered
 * symbols, and each copy reads those of the other.
 */
function load(name: string): unknown {
  const require = createRequire(import.meta.url);
  try {
    return require(fileURLToPath(import.meta.resolve(name)));
  } catch {
    return require(name);
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
