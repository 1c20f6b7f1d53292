import * as built from '@heddle/prometheus';
import { describe, expect, it } from 'vitest';
import * as index from '../src/index.ts';

describe('the exported names', () => {
  it('of `@heddle/prometheus` are these', () => {
    expect(Object.keys(index).sort()).toEqual(['collectMetrics']);
  });

  it('are the same once built', () => {
    expect(Object.keys(built).sort()).toEqual(Object.keys(index).sort());
  });
});
