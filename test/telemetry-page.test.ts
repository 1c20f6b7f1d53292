import { testPage } from './support/page.ts';

testPage('docs/telemetry.md');
