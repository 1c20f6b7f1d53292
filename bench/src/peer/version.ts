import { readFileSync } from 'node:fs';

/** The version of a package as it is installed here. */
export function versionOf(name: string): string {
  // Not every package exports its `package.json`: it is looked for above the entry.
  for (let folder = new URL('./', import.meta.resolve(name)); ; folder = new URL('../', folder)) {
    const found = readPackage(new URL('./package.json', folder));
    if (found?.name === name && found.version !== undefined) return found.version;
    if (folder.pathname === '/') return 'unknown';
  }
}

interface PackageFile {
  readonly name?: string;
  readonly version?: string;
}

function readPackage(url: URL): PackageFile | undefined {
  try {
    return JSON.parse(readFileSync(url, 'utf8')) as PackageFile; // that is what such a file holds
  } catch {
    return undefined;
  }
}
