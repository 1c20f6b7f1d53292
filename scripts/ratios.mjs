// `npm run ratios`: holds Heddle against bare piscina in one process, within wide margins. A regression of two or three times fails it.
import { at, become, build, install } from './workspace.mjs';

install();
const code = build();
if (code !== 0) process.exit(code);
become(at('bench/dist/ratios.js'), process.argv.slice(2));
