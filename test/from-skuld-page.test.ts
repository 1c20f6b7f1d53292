import { testPage } from './support/page.ts';

testPage('docs/from-skuld.md');
