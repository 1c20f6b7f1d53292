// `npm run demo`: from a fresh clone to the running example, with nothing installed or built that it does not need.
import { readFileSync } from 'node:fs';
import { at, become, build, install } from './workspace.mjs';

const folder = 'examples/minify';
const manifest = JSON.parse(readFileSync(at(folder, 'package.json'), 'utf8'));

install(manifest.name);
const code = build(folder);
if (code !== 0) process.exit(code);
// Node itself, without a package manager between: Ctrl-C reaches the demo, and its exit code reaches the shell.
become(at(folder, manifest.main), process.argv.slice(2));
