// `npm run soak`: an hour of mixed load, and whether cost and memory stay where they are. Arguments go to the soak's own command line.
import { at, become, build, install } from './workspace.mjs';

install();
const code = build();
if (code !== 0) process.exit(code);
become(at('bench/dist/soak.js'), process.argv.slice(2));
