import { describe, expect, it } from 'vitest';
import { parseBenchOptions, UsageError } from '../bench/src/options.ts';

describe('the command line of the benchmarks', () => {
  const known = { scenarios: ['dispatch', 'map'], peers: ['piscina', 'heddle'] };

  it('takes scenarios, peers and counts', () => {
    const options = parseBenchOptions(['dispatch', '--rounds', '7', '--threads', '2', '--peers', 'heddle', '--json'], known);
    expect(options).toEqual({ scenarios: ['dispatch'], rounds: 7, threads: 2, peers: ['heddle'], quick: false, json: true, help: false });
  });

  it('makes fewer rounds when it is to be quick', () => {
    expect(parseBenchOptions([], known).rounds).toBe(5);
    expect(parseBenchOptions(['--quick'], known).rounds).toBe(3);
  });

  it('names what it does not know, and what there is', () => {
    expect(() => parseBenchOptions(['dispach'], known)).toThrow(/`dispach`; there are dispatch, map/);
    expect(() => parseBenchOptions(['--peers', 'x'], known)).toThrow(UsageError);
    expect(() => parseBenchOptions(['--rounds', '0'], known)).toThrow(/whole number/);
    expect(() => parseBenchOptions(['--colour'], known)).toThrow(UsageError);
  });
});
