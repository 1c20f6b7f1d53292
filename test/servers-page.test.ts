import { testPage } from './support/page.ts';

testPage('docs/servers.md');
