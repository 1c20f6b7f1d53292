import { testPage } from './support/page.ts';

testPage('docs/coroutines.md');
