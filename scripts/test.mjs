// `npm test`: install, build, run the tests once. Arguments go to vitest: `npm test -- packages/core`.
import { at, become, build, bundle, install } from './workspace.mjs';

install();
const code = build() || bundle();
if (code !== 0) process.exit(code);
become(at('node_modules/vitest/vitest.mjs'), ['run', ...process.argv.slice(2)]);
