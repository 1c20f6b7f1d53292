// `npm run build`: every package, from nothing.
import { build, install } from './workspace.mjs';

install();
process.exit(build());
