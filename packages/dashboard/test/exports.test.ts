import * as built from '@heddle/dashboard';
import { describe, expect, it } from 'vitest';
import * as index from '../src/index.ts';

describe('the exported names', () => {
  it('of `@heddle/dashboard` are these', () => {
    expect(Object.keys(index)).toEqual(['createDashboard']);
  });

  it('are the same once built', () => {
    expect(Object.keys(built)).toEqual(Object.keys(index));
  });
});
