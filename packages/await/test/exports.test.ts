import { expect, it } from 'vitest';
import * as index from '../src/index.ts';

it('the exported names of `@heddle/await` are these', () => {
  expect(Object.keys(index).sort()).toEqual(['alive', 'all', 'any', 'cancel', 'child', 'completion', 'getChild', 'getChildren']);
});
