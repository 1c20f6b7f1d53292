// `npm run build`: every package, from nothing.
import { build, bundle, install } from './workspace.mjs';

install();
process.exit(build() || bundle());
