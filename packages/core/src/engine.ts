/**
 * `@heddle/core/engine`: what a runtime needs to carry an action out. For runtimes, not for users of one; may change with any release.
 */
export { metadataOf } from './action.ts';
export { agentLimitFaults } from './agent-definition.ts';
export { type AttemptPlan, concludeValue, planAttempt, prepareParams, runAttempt, validationError } from './attempt.ts';
export { countFaults, durationFaults, kindOf } from './definition.ts';
export { ERROR_TYPES, errorCode } from './error.ts';
export { isRecord } from './record.ts';
export { toHeddleError } from './thrown.ts';
