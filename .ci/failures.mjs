// Prints what failed in a report of vitest or of scripts/check.mjs: a line for each, and what it said first.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Lines of a failure's message that are worth repeating: the rest stands above, where the test ran. */
const LINES = 12;
const [file = ''] = process.argv.slice(2);
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;

/** @param {string} text */
const head = (text) =>
  text
    .split('\n')
    .slice(0, LINES)
    .map((line) => `      ${line}`)
    .join('\n');

if (report === undefined) console.log('  no report');
for (const name of report?.failures ?? []) console.log(`  ${name}`);
for (const suite of report?.testResults ?? []) {
  const name = relative(process.cwd(), suite.name);
  const tests = suite.assertionResults.filter((each) => each.status === 'failed');
  if (suite.status === 'failed' && tests.length === 0) console.log(`  ${name}\n${head(suite.message ?? '')}`);
  for (const test of tests) console.log(`  ${name} > ${test.fullName}\n${head(test.failureMessages.join('\n'))}`);
}
