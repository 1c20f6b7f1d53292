import { testPage } from './support/page.ts';

testPage('docs/tenants.md');
