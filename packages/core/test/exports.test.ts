import { describe, expect, it } from 'vitest';
import * as engine from '../src/engine.ts';
import * as index from '../src/index.ts';
import * as validation from '../src/validation.ts';

describe('the exported names', () => {
  it('of `@heddle/core` are these', () => {
    expect(Object.keys(index).sort()).toEqual([
      'HeddleError',
      'Thrown',
      'Type',
      'defineAction',
      'defineAgent',
      'definePropagator',
      'fail',
      'isAction',
      'isAgent',
      'isHeddleError',
      'isOutcome',
      'isPropagator',
      'isThrown',
      'ok',
      'toTool',
      'unwrap',
    ]);
  });

  it('of `@heddle/core/engine` are these', () => {
    expect(Object.keys(engine).sort()).toEqual([
      'ERROR_TYPES',
      'agentLimitFaults',
      'concludeValue',
      'countFaults',
      'durationFaults',
      'errorCode',
      'isRecord',
      'kindOf',
      'metadataOf',
      'planAttempt',
      'prepareParams',
      'runAttempt',
      'toHeddleError',
      'validationError',
    ]);
  });

  it('of `@heddle/core/validation` are these', () => {
    expect(Object.keys(validation).sort()).toEqual(['createValidator', 'limitsOf']);
  });
});
