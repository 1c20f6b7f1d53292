import { dryRun } from '../batch/dry-run.ts';
import { parseBatchOptions } from '../batch/options.ts';
import { runBatch } from '../batch/run-batch.ts';
import { dashboardOption } from '../dashboard/beside.ts';
import type { CommandSpec, OptionSpec } from './spec.ts';
import { countValue, durationValue, isolationValue, positiveValue } from './value.ts';

const FLOW: readonly OptionSpec[] = [
  { flags: '-o, --output <file>', description: 'where the results go, a line a row (default: stdout)' },
  { flags: '-a, --action <name>', description: 'which action, where the file has several' },
  { flags: '-c, --context <json>', description: "every task's ctx.context, a JSON object" },
  { flags: '--format <format>', description: 'ndjson or csv (default: by the ending of the input, else ndjson)', parse: formatValue },
  { flags: '--id-field <name>', description: 'the field that names a row in the results (default: id)' },
  { flags: '--keep-order', description: 'results in the order of the input, not as they come' },
  { flags: '--limit <n>', description: 'the first n rows of the input only', parse: positiveValue },
  { flags: '--dry-run', description: "check every row by the action's schema; run and write nothing" },
  { flags: '--json', description: 'print the summary as JSON on stdout' },
  dashboardOption,
];

const PACE: readonly OptionSpec[] = [
  { flags: '--threads <n>', description: 'threads at the most (default: as many as cores)', parse: positiveValue },
  {
    flags: '--concurrency <n>',
    description: 'tasks at once, over all threads; more than threads for actions that wait (default: one a thread)',
    parse: positiveValue,
  },
  {
    flags: '--isolation <tier>',
    description: 'run rows on threads, in processes of their own, or inline, in the main thread (default: thread)',
    parse: isolationValue,
  },
  { flags: '-t, --timeout <duration>', description: 'time for one attempt: 500ms, 2s, 1m (default: none)', parse: durationValue },
  { flags: '-r, --retries <n>', description: 'how often to try a failed row again (default: 0)', parse: countValue },
];

const SAFETY: readonly OptionSpec[] = [
  { flags: '--journal <file>', description: 'record which rows are done, so that the run can be resumed' },
  { flags: '--resume', description: 'go on with the journal: recorded rows are not run again' },
  { flags: '--resume-failed', description: 'as --resume, and run the failed rows again' },
  { flags: '--dead-letter <file>', description: 'collect the inputs of failed rows (.ndjson, or .csv for a CSV input)' },
  { flags: '--max-errors <n>', description: 'stop after n failed rows; those under way are finished', parse: positiveValue },
  { flags: '--fail-fast', description: 'stop at the first failed row; as --max-errors 1' },
];

/** `heddle batch`: an action over every row of a file. */
export const batchCommand: CommandSpec = {
  name: 'batch',
  arguments: [
    ['<module>', 'the file that exports the action (.js, .mjs, .ts, …)'],
    ['[input]', 'a file of rows, NDJSON or CSV; - or nothing reads stdin'],
  ],
  summary: 'run an action over every row of a file',
  description: `Runs an action over every row of an NDJSON or CSV file, on all cores, and writes a line a row:
  {"index":0,"id":"a","ok":true,"value":…,"ms":1.2,"attempts":1}
A row that cannot be read, or that the action's schema refuses, is a failed row, named by line
and field. The cells of a CSV become what the schema asks for. The input is streamed: its size
does not matter.`,
  options: [...FLOW, ...PACE, ...SAFETY],
  examples: [
    ['heddle batch resize.ts photos.ndjson -o out.ndjson', 'runs all rows, one task a core'],
    ['heddle batch resize.ts photos.csv --dry-run', 'checks a CSV by the schema before it is run'],
    ['heddle batch resize.ts photos.csv --limit 100 | jq .value', 'tries the first hundred, results on stdout'],
    [
      'heddle batch resize.ts photos.csv -o out.ndjson --journal run.journal',
      'records what is done; after a crash, the same with --resume goes on',
    ],
    ['heddle batch resize.ts photos.csv -o out.ndjson --journal run.journal --resume-failed', 'runs the failed rows again'],
    [
      'heddle batch fetch.ts urls.ndjson -o out.ndjson --concurrency 64 --timeout 10s --retries 3',
      'for an action that waits on the network',
    ],
    ['heddle batch resize.ts photos.csv -o out.ndjson --dead-letter failed.csv', 'collects the failed rows; mend them and run failed.csv'],
    ['zcat big.ndjson.gz | heddle batch count.ts - -o out.ndjson', 'reads a pipe'],
  ],
  notes: `With a journal, a recorded row is neither lost nor run again, whatever ends the process. Rows that
had settled and were not recorded yet (those of the last 50 ms or so) run again, so an action
with effects of its own must bear being repeated. A power cut may take the last second of both
files; a resumed run sees it and runs those rows again. Going on needs the same input, action,
format, context and files; threads, timeout, retries and limit may change.

Ctrl-C finishes the rows under way and stops reading; a second one ends at once. Both can be
resumed.

Exit code: 0 all ok · 1 rows failed · 2 the command, the action or the input is wrong, or
--dry-run found faults · 3 the runtime or a file failed · 130 Ctrl-C, 143 SIGTERM.`,
  run(given, shell) {
    const options = parseBatchOptions(given, shell);
    return options.dryRun ? dryRun(options, shell) : runBatch(options, shell);
  },
};

/** The value of `--format`. @throws Error saying what was expected */
export function formatValue(text: string): string {
  if (text !== 'csv' && text !== 'ndjson') throw new Error('expected ndjson or csv');
  return text;
}
