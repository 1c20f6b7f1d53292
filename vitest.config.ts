import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const built = (path: string): string => fileURLToPath(new URL(`./packages/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // Our packages by name are the built ones, from any test: worker threads load those too, and two copies of a module
    // in one test would be two sets of classes. Exact matches, so that no name catches its own subpaths.
    alias: [
      { find: /^@heddle\/core$/, replacement: built('core/dist/index.js') },
      { find: /^@heddle\/core\/(engine|validation)$/, replacement: built('core/dist/$1.js') },
      { find: /^@heddle\/worker-pool$/, replacement: built('worker-pool/dist/index.js') },
      { find: /^@heddle\/await$/, replacement: built('await/dist/index.js') },
      { find: /^@heddle\/opentelemetry$/, replacement: built('opentelemetry/dist/index.js') },
      { find: /^@heddle\/prometheus$/, replacement: built('prometheus/dist/index.js') },
      { find: /^@heddle\/dashboard$/, replacement: built('dashboard/dist/index.js') },
      { find: /^@heddle\/measure$/, replacement: built('measure/dist/index.js') },
      { find: /^heddle$/, replacement: built('cli/dist/index.js') },
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    // One more than cores, where there are two: tests start threads and processes of their own, and wait for them.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A wait for something that has to come is no statement about time: only a hang ends it.
    expect: { poll: { timeout: 20_000 } },
    // Built code is loaded by Node itself, not transformed: what is tested is what is shipped.
    server: { deps: { external: [/\/((packages|examples)\/[^/]+|bench)\/dist\//] } },
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'] },
  },
});
