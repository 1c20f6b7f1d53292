import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Action, defineAction } from '@heddle/core';
import { expect } from 'vitest';
import type { FaultCheck } from './fault.ts';
import { exits } from './fixtures/actions.mjs';
import type { World } from './world.ts';

const ONCE = { maxRetries: 0 } as const;
const CORE = new URL('../../packages/core/dist/index.js', import.meta.url).href;
const DEFINE = `import { defineAction } from ${JSON.stringify(CORE)};\nconst module = import.meta.url;\n`;
const GOOD = `${DEFINE}export const x = defineAction({ module, name: 'x', run: () => 'good' });\n`;
const BROKEN = 'export const x = ;\n';

/** Files of a redeploy, gone after it. */
class Folder {
  readonly #path = mkdtempSync(join(tmpdir(), 'heddle-faults-'));

  write(name: string, text: string): void {
    mkdirSync(this.#path, { recursive: true });
    writeFileSync(join(this.#path, name), text);
  }

  /** The action `x` of a file, as a host has it that the file was good for once. */
  action(name = 'x.mjs'): Action<Readonly<Record<string, unknown>>, unknown> {
    return defineAction({ module: pathToFileURL(join(this.#path, name)).href, name: 'x', run: () => undefined });
  }

  remove(): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}

async function within(check: (folder: Folder) => Promise<void>): Promise<void> {
  const folder = new Folder();
  try {
    await check(folder);
  } finally {
    folder.remove();
  }
}

const GOOD_OUTCOME = { ok: true, value: 'good' };
const loadError = (message: RegExp): unknown => ({ ok: false, error: { type: 'load_error', message: expect.stringMatching(message) } });

/** Loads these files, and meets a fault; a neighbour and the next task do not. */
const loads = (fault: FaultCheck['fault'], of: string, files: Readonly<Record<string, string>>, expected: unknown): FaultCheck => ({
  fault,
  of,
  check: ({ runtime }) =>
    within(async (folder) => {
      for (const [name, text] of Object.entries(files)) folder.write(name, text);
      expect(await runtime.run(folder.action(), {}, {}, ONCE)).toMatchObject(expected as object);
    }),
});

const run = ({ runtime }: World, folder: Folder): Promise<unknown> => runtime.run(folder.action(), {}, {}, ONCE);

/** What is wrong with modules, on the runtime that all share. */
export const MODULE_CASES: readonly FaultCheck[] = [
  loads('module-missing', 'the file itself', {}, loadError(/there is no such file/)),
  loads('module-missing', 'what it imports', { 'x.mjs': "import './not-there.mjs';\n" }, loadError(/Cannot find module .*not-there\.mjs/)),
  loads('module-syntax', 'in the file', { 'x.mjs': BROKEN }, loadError(/does not load: .*node --check/)),
  loads('module-syntax', 'in what it imports', { 'x.mjs': "import './y.mjs';\n", 'y.mjs': BROKEN }, loadError(/does not load/)),
  loads('module-throws', 'an Error', { 'x.mjs': "throw new Error('at load');\n" }, loadError(/does not load: at load/)),
  loads('module-throws', '`null`', { 'x.mjs': 'throw null;\n' }, loadError(/does not load: null/)),
  loads(
    'module-throws',
    'a revoked proxy',
    { 'x.mjs': 'const { proxy, revoke } = Proxy.revocable({}, {});\nrevoke();\nthrow proxy;\n' },
    loadError(/does not load/),
  ),
  loads(
    'module-throws',
    'a rejection of its top-level `await`',
    { 'x.mjs': "await Promise.reject(new Error('late'));\n" },
    loadError(/late/),
  ),
  loads('module-export', 'none', { 'x.mjs': 'export const y = 1;\n' }, loadError(/is not among the exports of .*exports `y`/)),
  loads('module-export', 'nothing at all', { 'x.mjs': '' }, loadError(/which exports nothing/)),
  loads('module-export', 'a function', { 'x.mjs': 'export const x = () => 1;\n' }, loadError(/is not among the exports/)),
  loads(
    'module-export',
    'a generator',
    { 'x.mjs': `${DEFINE}export const x = defineAction({ module, name: 'x', *run() { yield 1; } });\n` },
    { ok: false, error: { type: 'invalid_action' } },
  ),
  loads(
    'module-circular',
    'that needs what is not there yet',
    {
      'x.mjs': `import { y } from './y.mjs';\n${GOOD.replace("'good'", 'y')}`,
      'y.mjs': "import { x } from './x.mjs';\nexport const y = x.name;\n",
    },
    loadError(/before initialization/),
  ),
  loads(
    'module-circular',
    'that harms nothing',
    {
      'x.mjs': `import { y } from './y.mjs';\n${GOOD.replace("'good'", 'y()')}`,
      'y.mjs': "import { x } from './x.mjs';\nexport const y = () => x.name === 'x' && 'good';\n",
    },
    GOOD_OUTCOME,
  ),
  {
    fault: 'module-mended',
    check: (world) =>
      within(async (folder) => {
        folder.write('x.mjs', BROKEN);
        expect(await run(world, folder)).toMatchObject(loadError(/does not load/) as object);
        folder.write('x.mjs', GOOD);
        expect(await run(world, folder)).toMatchObject(GOOD_OUTCOME);
      }),
  },
  {
    fault: 'module-broken',
    check: (world) =>
      within(async (folder) => {
        const { runtime } = world;
        folder.write('x.mjs', GOOD);
        expect(await run(world, folder)).toMatchObject(GOOD_OUTCOME);
        folder.write('x.mjs', BROKEN);
        // A thread that has it goes on with it; a new one learns what became of the file.
        expect(await runtime.run(exits, {}, {}, ONCE)).toMatchObject({ ok: false, error: { type: 'worker_lost' } });
        expect(await run(world, folder)).toMatchObject(loadError(/does not load/) as object);
        folder.write('x.mjs', GOOD);
        // On a busy machine a good module may take longer than that as well: the first that does not succeeds.
        await expect.poll(() => run(world, folder)).toMatchObject(GOOD_OUTCOME);
      }),
  },
];

/** What needs a runtime of its own: a short time to load. */
export const MODULE_CHECKS: readonly FaultCheck[] = [
  {
    fault: 'module-hangs',
    options: { loadTimeoutMs: 400 },
    check: (world) =>
      within(async (folder) => {
        folder.write('x.mjs', `${GOOD}await new Promise(() => {});\n`);
        expect(await run(world, folder)).toMatchObject(loadError(/did not finish loading within 400ms/) as object);
        folder.write('x.mjs', GOOD);
        // On a busy machine a good module may take longer than that as well: the first that does not succeeds.
        await expect.poll(() => run(world, folder)).toMatchObject(GOOD_OUTCOME);
      }),
  },
];
