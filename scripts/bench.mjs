// `npm run bench`: measures built code. Arguments go to the benchmark's own command line.
import { at, become, build, bundle, install } from './workspace.mjs';

install();
const code = build() || bundle();
if (code !== 0) process.exit(code);
become(at('bench/dist/main.js'), process.argv.slice(2));
