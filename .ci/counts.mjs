// Prints "<passed> <failed>" from a report of vitest or of scripts/check.mjs; "0 0" when there is none.
import { existsSync, readFileSync } from 'node:fs';

const [file = ''] = process.argv.slice(2);
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
// A test file that does not load holds no tests, so the failure is counted here.
const unloaded = (report.testResults ?? []).filter((each) => each.status === 'failed' && each.assertionResults.length === 0);
const failed = report.numFailedTests ?? report.failed ?? 0;
console.log(report.numPassedTests ?? report.passed ?? 0, failed + unloaded.length);
