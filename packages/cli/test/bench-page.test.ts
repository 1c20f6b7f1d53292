import { summarise } from '@heddle/measure';
import { describe, expect, it } from 'vitest';
import type { ActionReport, Latencies } from '../src/bench/report.ts';
import { escapeHtml, pageOf } from '../src/bench/report-page.ts';

const quantity = (name: string, values: Readonly<Record<string, number>>): ActionReport['throughput'] => ({
  name,
  unit: 'ms',
  rows: Object.entries(values).map(([contender, value]) => ({ contender, rounds: [value], value: summarise([value]) })),
  targets: [],
});

const times = (value: number): Latencies => {
  const all = quantity('p50', { inline: value, '1 thread': value, '2 threads': value });
  return { p50: all, p90: all, p99: all };
};

const EVIL = `<img src=x onerror="alert(1)">&'`;

const report: ActionReport = {
  action: EVIL,
  module: `${EVIL}.ts`,
  params: JSON.stringify({ text: EVIL }),
  machine: { node: '20.19.0', platform: 'linux', arch: 'x64', cores: 2 },
  rows: 1,
  inFlight: 16,
  rounds: 5,
  quick: false,
  end: 'done',
  calls: 1000,
  failed: 2,
  firstFailure: { type: 'execution_error', message: EVIL },
  base: 'inline',
  throughput: quantity('throughput', { inline: 100, '1 thread': 90, '2 threads': 180 }),
  gains: [
    { threads: 1, callsPerSecond: 90, speedUp: 0.9, efficiency: 1 },
    { threads: 2, callsPerSecond: 180, speedUp: 1.8, efficiency: 1 },
  ],
  single: times(0.01),
  saturated: times(2),
  loopDelay: quantity('loop delay p99', { inline: 0, '1 thread': 0 }),
  cpu: quantity('CPU', { inline: 0.01 }),
  mainThread: quantity('main thread', { inline: 0.01, '1 thread': 0.0001 }),
  costs: { inlineMs: 0.01, workShare: 1, hostMs: 0.0001, threadMs: 0.0001 },
  verdict: { kind: 'pays', breakEvenMs: 0.001, sentences: [`A call of \`${EVIL}\` takes long.`] },
  notes: [`A note of ${EVIL}`],
};

describe('the page of a report', () => {
  const page = pageOf(report, new Date('2026-01-02T03:04:05Z'));

  it('escapes whatever the user gave', () => {
    expect(page).not.toContain('<img');
    expect(page).not.toContain('onerror="');
    expect(page.split(escapeHtml(EVIL)).length - 1).toBeGreaterThanOrEqual(6);
    expect(escapeHtml(`<a b="c">&'`)).toBe('&lt;a b=&quot;c&quot;&gt;&amp;&#39;');
  });

  it('asks nobody for anything: no script, no link, no address but the names of the SVG standard', () => {
    expect(page).not.toMatch(/<(script|link|img|iframe|object|use)\b|@import|url\((?!#)/i);
    expect(page.replaceAll(/http:\/\/www\.w3\.org\/\d+\/\w+/g, '')).not.toMatch(/https?:\/\//);
    expect(page).toContain(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`);
  });

  it('has each picture twice, wide and narrow, and each name once', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(page.split('<svg ').length - 1).toBe(2 * (page.split('<figure>').length - 1));
  });

  it('leaves out pictures that would be empty', () => {
    expect(page).toContain('Main thread busy');
    expect(page).not.toContain('Event loop late by<');
  });

  it('is light and dark, and tells when it was made', () => {
    expect(page).toContain('@media (prefers-color-scheme: dark)');
    expect(page).toContain('2026-01-02.');
  });
});
