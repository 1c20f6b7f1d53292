import { fileURLToPath } from 'node:url';

/** A module's exports by name. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/**
 * Imports a file by URL, TypeScript included: by Node itself where it strips types (22.18 and newer), else by jiti.
 * The only file that knows jiti, which is loaded when first needed.
 */
export async function importModule(url: string): Promise<ModuleExports> {
  if (!/\.[cm]?tsx?$/.test(new URL(url).pathname)) return (await import(url)) as ModuleExports;
  if (!stripsTypes() || url.endsWith('x')) return importByJiti(url);
  try {
    return (await import(url)) as ModuleExports;
  } catch (error) {
    // Enums, namespaces and the like: more than types to strip.
    if ((error as { code?: unknown } | null)?.code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return importByJiti(url);
    throw error;
  }
}

function stripsTypes(): boolean {
  return 'typescript' in process.features && typeof process.features.typescript === 'string';
}

// Imports that are under way, by URL. Two of one file at once would run it twice, and what it keeps would be there twice: an action and a
// propagator of one file would not share its AsyncLocalStorage. Once loaded, jiti's own cache knows the file.
const underWay = new Map<string, Promise<ModuleExports>>();

function importByJiti(url: string): Promise<ModuleExports> {
  const known = underWay.get(url);
  if (known !== undefined) return known;
  const imported = transpile(url).finally(() => underWay.delete(url));
  underWay.set(url, imported);
  return imported;
}

async function transpile(url: string): Promise<ModuleExports> {
  const { createJiti } = await import('jiti');
  // A module cache of jiti's own would outlive the thread's view of the file; its transform cache is keyed by content and safe.
  return createJiti(import.meta.url, { moduleCache: true, interopDefault: false }).import(fileURLToPath(url));
}
