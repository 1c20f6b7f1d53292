import { parseBenchOptions, threadsValue } from '../bench/options.ts';
import { runBench } from '../bench/run-bench.ts';
import { formatValue } from './batch.ts';
import type { CommandSpec } from './spec.ts';
import { durationValue, positiveValue } from './value.ts';

/** `heddle bench`: what threads buy for an action. */
export const benchCommand: CommandSpec = {
  name: 'bench',
  arguments: [['<module>', 'the file that exports the action (.js, .mjs, .ts, …)']],
  summary: 'measure what threads buy for an action',
  description: `Measures an action inline, on the main thread, against 1 … n threads: throughput, the time to the
answer, what a call costs the main thread, and from what length of a call on threads pay. Says
plainly when they don't.
The action is run many times, some thousands if it is quick: give it params that may be repeated,
and --max-calls where each call costs something.`,
  options: [
    { flags: '-p, --params <json>', description: 'what each call is given, as JSON (default: {})' },
    { flags: '--input <file>', description: 'rows to draw the params from in turns, NDJSON or CSV, the first 1000; - reads stdin' },
    { flags: '--format <format>', description: 'ndjson or csv (default: by the ending of the input, else ndjson)', parse: formatValue },
    { flags: '-a, --action <name>', description: 'which action, where the file has several' },
    { flags: '-c, --context <json>', description: "each call's ctx.context, a JSON object" },
    {
      flags: '--threads <list>',
      description: 'numbers of threads, as 1,2,4 (default: 1 to the cores; above four cores 1, 2, 4, … and the cores)',
      parse: threadsValue,
    },
    {
      flags: '--in-flight <n>',
      description: 'calls under way at once when throughput is measured (default: 16, or 4 a thread)',
      parse: positiveValue,
    },
    {
      flags: '--duration <duration>',
      description: 'how long to measure, about: 5s, 1m (default: 10s, with --quick 1.5s)',
      parse: durationValue,
    },
    {
      flags: '--rounds <n>',
      description: 'rounds; figures are medians over them (default: 5, one for 2 s; 3 with --quick)',
      parse: positiveValue,
    },
    {
      flags: '--max-calls <n>',
      description: 'how often to run the action at the most, all in all (default: no limit)',
      parse: positiveValue,
    },
    {
      flags: '-t, --timeout <duration>',
      description: "time for one call on a thread (default: the action's own, else 5s)",
      parse: durationValue,
    },
    { flags: '--quick', description: 'a rough look in a few seconds' },
    { flags: '--json', description: 'print all figures as JSON on stdout' },
    {
      flags: '--report <file>',
      description: 'write an HTML page with charts, one file that needs no network (drawn by echarts: npm install echarts)',
    },
  ],
  examples: [
    [`heddle bench resize.ts --params '{"path":"a.jpg"}'`, 'measures the one action of the file, for ten seconds'],
    ['heddle bench images.ts --action resize --input rows.ndjson --quick', 'a rough look, with the params of a file in turns'],
    [`heddle bench resize.ts -p '{"path":"a.jpg"}' --threads 1,4,8 --report resize.html`, 'chooses numbers of threads, and writes a page'],
    [`heddle bench upload.ts -p '{"id":1}' --max-calls 200`, 'runs the action two hundred times at the most'],
    [`heddle bench resize.ts -p '{"path":"a.jpg"}' --json | jq .verdict`, 'prints the verdict for a program'],
  ],
  notes: `Inline is the action as a program would call it without a runtime: its hooks, the checks of params
and value, run; no queue, no copy, no timeout. The ways take turns in short slices, and the
baseline is measured a second time against itself: where the two differ, something else was at
work on the machine, and that is said. docs/benchmarks.md tells how to read the figures.

A call that fails is counted and told. Failed calls are not tried again.
Ctrl-C ends it with the rounds that are whole; a second one ends at once.

Exit code: 0 measured · 1 calls failed · 2 the command, the action or the params are wrong · 3 the
runtime failed · 130 Ctrl-C, 143 SIGTERM.`,
  run: (given, shell) => runBench(parseBenchOptions(given, shell), shell),
};
