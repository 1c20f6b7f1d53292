import * as built from '@heddle/worker-pool';
import { describe, expect, it } from 'vitest';
import * as index from '../src/index.ts';

describe('the exported names', () => {
  it('of `@heddle/worker-pool` are these', () => {
    expect(Object.keys(index).sort()).toEqual(['createRuntime', 'inspectRuntime', 'serviceCaller', 'subscribeTelemetry']);
  });

  it('are the same once built', () => {
    expect(Object.keys(built).sort()).toEqual(Object.keys(index).sort());
  });
});
