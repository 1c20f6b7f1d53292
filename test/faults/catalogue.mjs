// Every fault of the battery: its id, and what it is in words. `faults.test.ts` tries each on Heddle, `npm run faults` on other pools too,
// and `docs/guarantees.md` has a row for each.

/** @typedef {'memory' | 'end' | 'stuck' | 'uncaught' | 'thrown' | 'values' | 'modules' | 'floods' | 'races' | 'host' | 'forged'} FaultKind */

/**
 * @typedef {object} Fault
 * @property {string} id
 * @property {FaultKind} kind
 * @property {string} title
 */

/** What the kinds are called. */
export const KINDS = /** @type {const} */ ({
  memory: 'Memory',
  end: 'The thread ends',
  stuck: 'Work that does not end',
  uncaught: 'Errors that nobody catches',
  thrown: 'What is thrown',
  values: 'What crosses',
  modules: 'Modules',
  floods: 'Floods',
  races: 'Races',
  host: 'The main thread',
  forged: 'Forgery',
});

/**
 * @template {string} I
 * @param {FaultKind} kind
 * @param {I} id
 * @param {string} title
 */
const fault = (kind, id, title) => /** @type {const} */ ({ kind, id, title });

export const FAULTS = [
  fault('memory', 'heap', 'the heap of a thread runs out'),
  fault('memory', 'buffers', 'Buffers grow past a limit on the memory of the process'),
  fault('memory', 'stack', 'the stack overflows'),
  fault('end', 'exit', '`process.exit` in a task'),
  fault('end', 'exit-later', '`process.exit` in a timer of a task'),
  fault('end', 'abort', '`process.abort` in a task'),
  fault('end', 'kill', '`process.kill` of the own process, as a crash in native code ends it'),
  fault('stuck', 'loop', 'an endless synchronous loop'),
  fault('stuck', 'regex', 'a catastrophic regular expression'),
  fault('stuck', 'never', 'a promise that never settles'),
  fault('stuck', 'native', 'native code that hears no termination'),
  fault('uncaught', 'error-during', 'an error in a timer of a running task'),
  fault('uncaught', 'rejection-during', 'an unhandled rejection of a running task'),
  fault('uncaught', 'error-after', 'an error in a timer of a finished task'),
  fault('uncaught', 'rejection-after', 'an unhandled rejection of a finished task'),
  fault('thrown', 'falsy', '`undefined`, `null`, `0`, `""` and the like are thrown'),
  fault('thrown', 'odd', 'a symbol, a function, a frozen object, a proxy whose traps throw, a revoked one are thrown'),
  fault('thrown', 'getters', 'an error whose getters throw'),
  fault('thrown', 'rich', 'an error with a code, properties, a cause and inner errors'),
  fault('values', 'params-hostile', 'params whose getters or traps throw'),
  fault('values', 'results-hostile', 'a result whose getters or traps throw'),
  fault('values', 'yields-hostile', 'a `yield` whose getters or traps throw'),
  fault('values', 'params-uncloneable', 'params that do not clone'),
  fault('values', 'results-uncloneable', 'a result that does not clone'),
  fault('values', 'circular', 'circular params, results and errors'),
  fault('values', 'transfer-detached', 'a buffer that is transferred twice'),
  fault('values', 'transfer-duplicate', 'a transfer list that names one buffer twice'),
  fault('values', 'prototype-keys', '`__proto__` and `constructor.prototype` as keys of what crosses'),
  fault('values', 'payload', 'a payload of a hundred megabytes against a limit on its size'),
  fault('modules', 'module-missing', 'a module that is not there'),
  fault('modules', 'module-syntax', 'a module with a syntax error'),
  fault('modules', 'module-throws', 'a module that throws when it loads'),
  fault('modules', 'module-hangs', 'a module whose top-level `await` never ends'),
  fault('modules', 'module-export', 'a module without the export, or with one of the wrong kind'),
  fault('modules', 'module-circular', 'a module in a circle of imports'),
  fault('modules', 'module-mended', 'a broken module that is mended'),
  fault('modules', 'module-broken', 'a module that is broken after it has loaded, when its thread has to be replaced'),
  fault('floods', 'flood-logs', 'a loop that writes logs without end'),
  fault('floods', 'flood-progress', 'a loop that reports progress without end'),
  fault('floods', 'flood-console', 'a loop that writes to the console'),
  fault('floods', 'flood-yields', 'a generator that yields without end to a slow reader'),
  fault('races', 'cancel-races', 'thousands of cancels racing with completions'),
  fault('races', 'close-loaded', 'close under load'),
  fault('races', 'close-twice', 'close twice'),
  fault('races', 'close-starting', 'close while threads start'),
  fault('host', 'host-blocked', 'the main thread is blocked past a time limit that the task keeps'),
  fault('host', 'clock', 'the wall clock jumps'),
  fault('host', 'listener', 'a listener, callback or logger of the host throws'),
  fault('forged', 'parent-port', 'a task posts and closes on `parentPort`'),
  fault('forged', 'lane-port', 'a task posts on the port its thread is served by'),
  fault('forged', 'globals', 'a task breaks the globals of its thread'),
  fault('forged', 'handles', 'handles that were made by nobody'),
  fault('forged', 'outcomes', 'values that look like outcomes'),
];
