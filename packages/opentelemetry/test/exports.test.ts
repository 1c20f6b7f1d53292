import * as built from '@heddle/opentelemetry';
import { describe, expect, it } from 'vitest';
import * as index from '../src/index.ts';

describe('the exported names', () => {
  it('of `@heddle/opentelemetry` are these', () => {
    expect(Object.keys(index).sort()).toEqual(['LaneContextManager', 'LaneSpanProcessor', 'createOpenTelemetry']);
  });

  it('are the same once built', () => {
    expect(Object.keys(built).sort()).toEqual(Object.keys(index).sort());
  });
});
