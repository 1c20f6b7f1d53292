import { describeMachine, type ScenarioReport } from '@heddle/measure';
import type { BenchOptions } from './options.ts';
import { PEERS } from './peer/all.ts';
import { versionOf } from './peer/version.ts';
import { SCENARIOS } from './scenario/all.ts';

/** What a scenario's process tells the one that started it. */
export type ScenarioMessage =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'report'; readonly report: ScenarioReport };

const [name, optionsText = '{}', noteText = '[]'] = process.argv.slice(2);
const options = JSON.parse(optionsText) as BenchOptions; // written by `runScenario`
const startNotes = JSON.parse(noteText) as string[]; // as above
const scenario = SCENARIOS.find((candidate) => candidate.name === name);
if (scenario === undefined) throw new Error(`There is no scenario ${name}`);

const tell = (message: ScenarioMessage): void => {
  process.send?.(message);
};
const date = new Date().toISOString();
const { sections, notes = [], overviews = [] } = await scenario.run(options, (text) => tell({ kind: 'progress', text }));
tell({
  kind: 'report',
  report: {
    scenario: scenario.name,
    summary: scenario.summary,
    date,
    machine: describeMachine(),
    versions: Object.fromEntries(PEERS.flatMap((peer) => (peer.package === undefined ? [] : [[peer.package, versionOf(peer.package)]]))),
    rounds: options.rounds,
    threads: options.threads,
    quick: options.quick,
    sections,
    overviews,
    notes: [...startNotes, ...notes],
  },
});
process.disconnect();
