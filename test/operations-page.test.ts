import { testPage } from './support/page.ts';

testPage('docs/operations.md');
