import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Told of loads; `sure`: of one that ends by itself, whatever users' modules do. */
interface Loads {
  begin(sure: boolean): void;
  end(sure: boolean): void;
}

type Builder = typeof import('@sinclair/typebox');
type Compiler = typeof import('@sinclair/typebox/compiler');
type Interpreter = typeof import('@sinclair/typebox/value');

const require = createRequire(import.meta.url);

/** What keeps a thread from being ended while it links modules, set by the thread's owner: without it Node 20 may abort the process. */
const LANE_THREAD = Symbol.for('heddle.laneThread');

/** TypeBox's builder of schemas. */
export const typeBox: () => Builder = part('@sinclair/typebox');

/** TypeBox's compiler of schemas. */
export const typeCompiler: () => Compiler = part('@sinclair/typebox/compiler');

/** TypeBox's checks without compiling, and what it finds at fault. */
export const typeValue: () => Interpreter = part('@sinclair/typebox/value');

/**
 * Loads a part of TypeBox when something first asks for it, here and now: it is some 250 files, and a thread whose actions have no schema
 * needs none of them.
 * The same instance as a user's own import gives, so that formats and kinds registered there are known. While such an import is under way,
 * and where Node cannot do that (20.19 can, 22.0 to 22.11 cannot), TypeBox's CommonJS copy, which is not kept: schemas are plain data under
 * registered symbols, and each copy reads those of the other.
 */
function part<T>(name: string): () => T {
  let kept: T | undefined;
  return () => {
    if (kept !== undefined) return kept;
    const loads = (globalThis as Record<symbol, unknown>)[LANE_THREAD] as Loads | undefined; // as a lane sets it
    loads?.begin(true);
    try {
      kept = require(fileURLToPath(import.meta.resolve(name))) as T; // what that module exports
      return kept;
    } catch {
      return require(name) as T; // the same, of the other copy
    } finally {
      loads?.end(true);
    }
  };
}
