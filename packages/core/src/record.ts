/** Whether a value is an object that is no array: what options, definitions and schemas have to be before their keys are looked at. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
