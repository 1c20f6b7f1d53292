import { describe, expect, it } from 'vitest';
import { measureLoopDelay } from '../src/loop-delay.ts';
import { describeMachine } from '../src/machine.ts';
import { markdownOf } from '../src/markdown.ts';
import { overviewCharts, sectionCharts } from '../src/picture.ts';
import { quantityOf } from '../src/quantity.ts';
import type { ScenarioReport, Section } from '../src/report.ts';

const isOurs = (contender: string): boolean => contender.startsWith('ours');
const times = (factor: number): Map<string, number[]> =>
  new Map([
    ['base', [10 * factor, 10 * factor]],
    ['ours', [40 * factor, 40 * factor]],
    ['far off', [9000 * factor, 9000 * factor]],
  ]);

const section = (title: string, factor: number): Section => ({
  title,
  notes: ['`other` is not here: it has one thread.'],
  quantities: [
    quantityOf({ name: 'speed', unit: '1/s', rounds: times(factor), base: 'base' }),
    quantityOf({ name: 'p50', unit: 'ms', rounds: times(factor) }),
    quantityOf({ name: 'p99', unit: 'ms', rounds: times(factor * 2) }),
  ],
  pictures: [
    { kind: 'bars', quantity: 'speed' },
    { kind: 'dots', quantities: ['p50', 'p99'] },
    { kind: 'bars', quantity: 'none of that name' },
  ],
});

const report: ScenarioReport = {
  scenario: 'calls',
  summary: 'Calls.',
  date: '2026-01-02T03:04:05.000Z',
  machine: { node: '24.0.0', platform: 'linux', arch: 'x64', cores: 2, cpu: 'A CPU', memoryBytes: 8 * 2 ** 30, os: 'Linux 6' },
  versions: { piscina: '5.3.2', tinypool: '2.2.0' },
  rounds: 2,
  threads: 2,
  quick: false,
  sections: [section('1 in flight', 1), section('16 in flight', 2)],
  notes: [],
  overviews: [
    {
      title: 'speed by load',
      quantity: 'speed',
      across: 'in flight',
      steps: [
        { section: '1 in flight', name: '1' },
        { section: '16 in flight', name: '16' },
        { section: 'not measured', name: '256' },
      ],
      without: ['far off'],
    },
  ],
};

describe('the pictures of a report', () => {
  it('show a quantity as bars, the highest first, with its ratio', () => {
    const [bars] = sectionCharts(report, section('1 in flight', 1), isOurs);
    expect(bars?.file).toBe('calls-1-in-flight-speed.svg');
    expect(bars?.chart).toMatchObject({
      kind: 'bars',
      title: 'speed: 1 in flight',
      unit: '1/s (× base)',
      highlight: ['ours'],
      base: 'base',
    });
    expect(bars?.chart.kind === 'bars' && bars.chart.bars.map(({ name, label }) => `${name} ${label}`)).toEqual([
      'far off 9 000 · 900 ×',
      'ours 40.0 · 4.00 ×',
      'base 10.0 · 1.00 ×',
    ]);
  });

  it('show several quantities as dots, the lowest first, and nothing for one that is not there', () => {
    const charts = sectionCharts(report, section('1 in flight', 1), isOurs);
    expect(charts.map(({ file }) => file)).toEqual(['calls-1-in-flight-speed.svg', 'calls-1-in-flight-p50-p99.svg']);
    const dots = charts[1]?.chart;
    expect(dots?.kind === 'dots' && dots.rows.map(({ name, label }) => `${name} ${label}`)).toEqual([
      'base 10.0 · 20.0',
      'ours 40.0 · 80.0',
      'far off 9 000 · 18 000',
    ]);
  });

  it('show a quantity across sections as lines, without those that are too far off', () => {
    const [lines] = overviewCharts(report, isOurs);
    expect(lines?.file).toBe('calls-speed-by-load.svg');
    expect(lines?.chart).toMatchObject({
      unit: '1/s; without far off',
      lines: [
        {
          name: 'base',
          points: [
            { x: '1', y: 10 },
            { x: '16', y: 20 },
          ],
        },
        {
          name: 'ours',
          points: [
            { x: '1', y: 40 },
            { x: '16', y: 80 },
          ],
        },
      ],
    });
  });

  it('are left out where nothing of them was measured', () => {
    const steps = [{ section: 'not measured', name: '256' }];
    expect(overviewCharts({ ...report, overviews: [{ title: 'none', quantity: 'speed', across: 'in flight', steps }] }, isOurs)).toEqual(
      [],
    );
  });

  it('are embedded where that is asked for', () => {
    expect(markdownOf(report)).not.toContain('![');
    const text = markdownOf(report, { pictures: isOurs });
    expect(text).toContain('![speed by load](calls-speed-by-load.svg)');
    expect(text).toContain('![speed: 16 in flight](calls-16-in-flight-speed.svg)');
  });
});

describe('the head of a report', () => {
  it('names the machine, the day and the versions', () => {
    const text = markdownOf(report);
    expect(text).toContain('Node 24.0.0, linux x64, Linux 6, A CPU, 2 cores, 8.00 GiB, 2026-01-02.');
    expect(text).toContain('piscina 5.3.2, tinypool 2.2.0.');
  });

  it('says under a table who is missing', () => {
    expect(markdownOf(report)).toContain('\n\n- `other` is not here: it has one thread.');
  });

  it('takes the machine it runs on', () => {
    expect(describeMachine()).toMatchObject({ node: process.versions.node, platform: process.platform, arch: process.arch });
    expect(describeMachine().memoryBytes).toBeGreaterThan(0);
  });
});

describe('how late the main loop is', () => {
  it('is as long as what blocks it', async () => {
    const late = await measureLoopDelay(async () => {
      const until = performance.now() + 40;
      while (performance.now() < until);
    });
    // The timer may have been due up to its own interval after the work began, and the histogram rounds.
    expect(late).toBeGreaterThan(35);
  });

  it('is told when the work fails, and that only', async () => {
    await expect(measureLoopDelay(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});
