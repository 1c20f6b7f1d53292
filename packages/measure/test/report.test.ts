import { describe, expect, it } from 'vitest';
import { markdownOf } from '../src/markdown.ts';
import { quantityOf } from '../src/quantity.ts';
import { formatNumber, markdownTable } from '../src/table.ts';

const rounds = new Map([
  ['base', [100, 100, 100]],
  ['ours', [200, 300, 250]],
  ['base again', [101, 99, 100]],
]);

describe('quantities of measurements', () => {
  it('give medians, and ratios by the base', () => {
    const { rows } = quantityOf({ name: 'speed', unit: '1/s', rounds, base: 'base', again: 'base again' });
    expect(rows.map(({ contender }) => contender)).toEqual(['base', 'ours']);
    expect(rows[1]?.value.median).toBe(250);
    expect(rows[1]?.ratio).toEqual({ median: 2.5, low: 2, high: 3 });
  });

  it('judge the run by the second measurement of the base', () => {
    expect(quantityOf({ name: 'speed', unit: '1/s', rounds, base: 'base', again: 'base again' }).control?.valid).toBe(true);
    expect(quantityOf({ name: 'speed', unit: '1/s', rounds, base: 'base' }).control).toBeUndefined();
  });

  it('judge targets, on ratios and on values, and skip those whose sides were not measured', () => {
    const targets = [
      { contender: 'ours', against: 'base', atLeast: 2 },
      { contender: 'ours', against: 'base', atMost: 2 },
      { contender: 'ours', atMost: 260 },
      { contender: 'absent', atMost: 1 },
      { contender: 'ours', against: 'absent', atMost: 1 },
    ];
    const judged = quantityOf({ name: 'speed', unit: '1/s', rounds, targets }).targets;
    expect(judged.map(({ met }) => met)).toEqual([true, false, true]);
    expect(judged.map(({ measured }) => measured)).toEqual([2.5, 2.5, 250]);
  });
});

describe('reports of measurements', () => {
  it('line the columns of a table up', () => {
    expect(
      markdownTable(
        ['', 'time, ms'],
        [
          ['a', '1'],
          ['longer', '20'],
        ],
      ),
    ).toBe(['|        | time, ms |', '| ------ | -------: |', '| a      |        1 |', '| longer |       20 |'].join('\n'));
  });

  it('show three figures that mean something', () => {
    expect([0, 0.0123, 1.005, 12.34, 123.4, 12345.6, Number.NaN].map(formatNumber)).toEqual([
      '0',
      '0.012',
      '1.00',
      '12.3',
      '123',
      '12 346',
      '–',
    ]);
  });

  it('say what is void, what is met and by how much a target is missed', () => {
    const text = markdownOf({
      scenario: 'dispatch',
      summary: 'Calls.',
      machine: { node: '20', platform: 'linux', arch: 'x64', cores: 2 },
      rounds: 3,
      threads: 2,
      quick: false,
      notes: ['A note.'],
      sections: [
        {
          title: 'load',
          quantities: [
            quantityOf({
              name: 'speed',
              unit: '1/s',
              rounds: new Map([...rounds, ['base again', [150, 150, 150]]]),
              base: 'base',
              again: 'base again',
              targets: [
                { contender: 'ours', against: 'base', atLeast: 2 },
                { contender: 'ours', against: 'base', atLeast: 5 },
              ],
            }),
          ],
        },
      ],
    });
    expect(text).toContain('**void**');
    expect(text).toMatch(/≥ 2\.00 × base \|\s+2\.50 \|\s+met \(void\)/);
    expect(text).toContain('missed by a factor of 2.00 (void)');
    expect(text).toContain('- A note.');
  });
});
