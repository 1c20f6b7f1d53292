import { testPage } from './support/page.ts';

testPage('docs/agents.md');
