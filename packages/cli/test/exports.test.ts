import * as awaiting from '@heddle/await';
import * as core from '@heddle/core';
import * as pool from '@heddle/worker-pool';
import * as heddle from 'heddle';
import { expect, it } from 'vitest';

it('heddle is the three packages in one, by name', () => {
  const parts = { ...core, ...pool, ...awaiting };
  expect(Object.keys(heddle).sort()).toEqual(Object.keys(parts).sort());
  expect({ ...heddle }).toEqual(parts);
  expect(Object.keys(heddle).sort()).toMatchInlineSnapshot(`
    [
      "HeddleError",
      "Thrown",
      "Type",
      "alive",
      "all",
      "any",
      "cancel",
      "child",
      "completion",
      "createRuntime",
      "defineAction",
      "defineAgent",
      "definePropagator",
      "fail",
      "getChild",
      "getChildren",
      "inspectRuntime",
      "isAction",
      "isAgent",
      "isHeddleError",
      "isOutcome",
      "isPropagator",
      "isThrown",
      "ok",
      "serviceCaller",
      "subscribeTelemetry",
      "toTool",
      "unwrap",
    ]
  `);
});
