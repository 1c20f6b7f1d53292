// `npm run soak`: an hour of everything at random, with faults; whether anything is lost, and cost and memory stay where they are. Arguments go to
// the soak's own command line; `npm run soak:short` is five minutes of it.
import { at, become, build, install } from './workspace.mjs';

install();
const code = build();
if (code !== 0) process.exit(code);
become(at('bench/dist/soak.js'), process.argv.slice(2));
