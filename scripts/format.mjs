// `npm run format`: formats, sorts imports and applies the safe fixes.
import { at, install, run } from './workspace.mjs';

install();
process.exit(run(process.execPath, [at('node_modules/@biomejs/biome/bin/biome'), 'check', '--write', ...process.argv.slice(2)]));
