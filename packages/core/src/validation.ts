/**
 * `@heddle/core/validation`: compiled schemas, in an entry of their own, because a lane whose actions have no schema never loads it.
 */
export { createValidator, type Validation, type ValidationFault, type Validator } from './schema.ts';
