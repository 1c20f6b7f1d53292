import type { Chart, Quantity } from '@heddle/measure';
import { threadsName } from './contender.ts';
import { countText, timesText, timeText } from './format.ts';
import type { ActionReport, Latencies } from './report.ts';

/** The pictures of a report, the most telling first; `short` where there is little room for letters. What there is nothing of has none. */
export function chartsOf(report: ActionReport, short: boolean): readonly Chart[] {
  const { base, single, saturated, inFlight, mainThread, loopDelay, gains } = report;
  const best = gains.reduce((most, gain) => (gain.speedUp > most.speedUp ? gain : most), { threads: 1, speedUp: 0 });
  const colours = { base, highlight: [threadsName(best.threads)] };
  return [
    ...bars('Throughput', 'calls a second', report.throughput, colours, (value, ratio) =>
      ratio === undefined ? countText(value) : `${countText(value)} (${timesText(ratio)})`,
    ),
    ...scaling(report),
    ...dots('One call at a time', single, colours, short),
    ...dots(`${inFlight} calls at once`, saturated, colours, short),
    ...bars('Main thread busy', 'milliseconds a call', mainThread, colours, timeText),
    ...bars('Event loop late by', 'milliseconds, p99', loopDelay, colours, timeText),
  ];
}

type Colours = { readonly base: string; readonly highlight: readonly string[] };

function bars(
  title: string,
  unit: string,
  { rows }: Quantity,
  colours: Colours,
  labelOf: (value: number, ratio: number | undefined) => string,
): readonly Chart[] {
  const shown = rows.filter(({ value }) => Number.isFinite(value.median));
  if (!shown.some(({ value }) => value.median > 0)) return [];
  const list = shown.map(({ contender, value, ratio }) => ({ name: contender, value, label: labelOf(value.median, ratio?.median) }));
  return [{ kind: 'bars', title, unit, bars: list, ...colours }];
}

function dots(title: string, { p50, p90, p99 }: Latencies, colours: Colours, short: boolean): readonly Chart[] {
  const medianOf = ({ rows }: Quantity, name: string): number =>
    rows.find(({ contender }) => contender === name)?.value.median ?? Number.NaN;
  const rows = p50.rows.map(({ contender }) => {
    const values = [p50, p90, p99].map((quantity) => medianOf(quantity, contender));
    return { name: contender, values, label: short ? '' : values.map(timeText).join(' · ') };
  });
  if (!rows.some(({ values }) => values.some((value) => value > 0))) return [];
  return [{ kind: 'dots', title, unit: 'milliseconds to the answer', dots: ['p50', 'p90', 'p99'], rows, ...colours }];
}

/** One number of threads is no line. */
function scaling({ gains, base }: ActionReport): readonly Chart[] {
  const one = gains[0];
  if (one === undefined || gains.length < 2) return [];
  const measured = gains.map(({ threads, speedUp }) => ({ x: threads, y: speedUp }));
  const ideal = gains.map(({ threads }) => ({ x: threads, y: one.speedUp * threads }));
  return [
    {
      kind: 'lines',
      title: 'Throughput by threads',
      unit: `× ${base}`,
      across: 'threads',
      scale: { x: 'steps' },
      lines: [
        { name: 'measured', points: measured },
        { name: 'ideal', points: ideal },
      ],
      highlight: ['measured'],
    },
  ];
}
