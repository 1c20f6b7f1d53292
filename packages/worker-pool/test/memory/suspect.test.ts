import { describe, expect, it } from 'vitest';
import { type Holder, likeliestHolder } from '../../src/memory/suspect.ts';

const LIMIT = 1000;
const holder = (lane: string, bytes: number | undefined, runningMs: number | undefined): Holder<string> => ({ lane, bytes, runningMs });

describe('whom to stop when memory is short', () => {
  it('E-10 is who holds the most, whether it runs anything or not', () => {
    expect(likeliestHolder([holder('a', 200, 5), holder('b', 700, undefined), holder('c', 300, 900)], LIMIT, 0)?.lane).toBe('b');
  });

  it('E-10 is nobody where all that is known is too little to matter', () => {
    expect(likeliestHolder([holder('a', 20, 5), holder('b', 99, 10)], LIMIT, 0)).toBeUndefined();
    expect(likeliestHolder([], LIMIT, 0)).toBeUndefined();
  });

  it('E-10 is one that cannot say, only when nobody who can holds enough', () => {
    expect(likeliestHolder([holder('a', 20, 5), holder('stuck', undefined, 10)], LIMIT, 0)?.lane).toBe('stuck');
    expect(likeliestHolder([holder('a', 500, 5), holder('stuck', undefined, 10)], LIMIT, 0)?.lane).toBe('a');
    expect(likeliestHolder([holder('a', 20, 5), holder('idle', undefined, undefined)], LIMIT, 0)).toBeUndefined();
  });

  it('E-10 is, where nobody can say, the last to begin of those that ran while memory grew', () => {
    const silent = [holder('old', undefined, 900), holder('grew', undefined, 120), holder('new', undefined, 5)];
    expect(likeliestHolder(silent, LIMIT, 60)?.lane).toBe('grew');
    expect(likeliestHolder(silent, LIMIT, 5000)?.lane).toBe('old');
  });
});
