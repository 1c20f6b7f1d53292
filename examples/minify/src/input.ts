import { createHash } from 'node:crypto';
import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { parses } from './parses.ts';

/** One file of the input, read once. */
export interface SourceFile {
  /** `package@version/path`, with `/` on every system. */
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
}

/** What to choose. */
export interface InputOptions {
  /** Leaves larger files out: the last lane to finish would hold all others up. */
  readonly maxFileBytes: number;
  /** Takes files, the largest first, until they are this many bytes together. */
  readonly maxBytes: number;
}

/** Files from here on are worth planning for: a dozen or two, and most of the work. */
const LARGE_BYTES = 50_000;

/**
 * The JavaScript files of the packages that a package depends on, directly or not: installed from the lockfile, so the same everywhere.
 * Each content once; what no parser takes (some packages have tests with broken files) is left out.
 * Reads every file, so that the first timed run finds them in the file cache as the second does.
 */
export function chooseInput(packageFolder: string, { maxFileBytes, maxBytes }: InputOptions): SourceFile[] {
  const found = installedPackages(packageFolder).flatMap(({ name, folder }) =>
    filesIn(folder).map((path) => ({ id: `${name}/${relative(folder, path).split(sep).join('/')}`, path })),
  );
  const seen = new Set<string>();
  const files: SourceFile[] = [];
  for (const { id, path } of found) {
    const source = readFileSync(path);
    const hash = createHash('sha256').update(source).digest('base64');
    if (source.length > maxFileBytes || seen.has(hash)) continue;
    seen.add(hash);
    if (parses(source.toString())) files.push({ id, path, bytes: source.length });
  }
  files.sort((a, b) => b.bytes - a.bytes || (a.id < b.id ? -1 : 1));
  let total = 0;
  const chosen = files.filter(({ bytes }) => {
    total += bytes;
    return total <= maxBytes;
  });
  return spread(chosen);
}

/** The large files evenly among the small: progress runs evenly, and none is among the last, where one lane would be waited for. */
function spread(files: readonly SourceFile[]): SourceFile[] {
  const large = files.filter(({ bytes }) => bytes >= LARGE_BYTES);
  const small = files.slice(large.length);
  const step = Math.floor((0.85 * small.length) / Math.max(1, large.length));
  const mixed = large.flatMap((file, place) => [file, ...small.slice(place * step, (place + 1) * step)]);
  return [...mixed, ...small.slice(large.length * step)];
}

interface InstalledPackage {
  readonly name: string;
  readonly folder: string;
}

/** Every package from the registry below a package, by name; workspace packages are walked through and not listed. */
function installedPackages(root: string): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const visit = (folder: string): void => {
    if (found.has(folder)) return;
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest; // npm saw to its form
    found.set(folder, { name: `${manifest.name}@${manifest.version}`, folder });
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
      const dependency = resolvePackage(folder, name);
      if (dependency !== undefined) visit(dependency);
    }
  };
  visit(root);
  const installed = [...found.values()].filter(({ folder }) => folder.split(sep).includes('node_modules'));
  return installed.sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** As Node finds it: in the nearest `node_modules`, upwards. Optional ones may be missing. */
function resolvePackage(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (folder === dirname(folder)) return undefined;
  }
}

function filesIn(folder: string): string[] {
  const inside = (entry: Dirent): string[] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(path);
    return entry.isFile() && /\.[cm]?js$/.test(entry.name) ? [path] : [];
  };
  return readdirSync(folder, { withFileTypes: true }).flatMap(inside);
}
