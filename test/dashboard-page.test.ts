import { testPage } from './support/page.ts';

testPage('docs/dashboard.md');
