/**
 * `@heddle/core/validation`: compiled schemas and what they ask for in words, in an entry of their own, because a lane whose actions have no schema never loads it.
 */
export { limitsOf } from './describe.ts';
export { createValidator, type Validation, type ValidationFault, type Validator } from './schema.ts';
