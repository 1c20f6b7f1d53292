/**
 * Of a conversion by TypeBox, what keeps the meaning of the text it was made from; the rest stays as given, for validation to name.
 * `Value.Convert` is generous: it makes 1 of `"1e3"` and 5 of 5.7 where an integer is asked for, 0 of `"0x10"` where a number is,
 * `["x"]` of `"x"`, and drops digits of large ids. Only text is ever converted here.
 */
export function faithful(given: unknown, converted: unknown): unknown {
  if (typeof given === 'string') return keepsMeaning(given, converted) ? converted : given;
  if (Array.isArray(given)) {
    return Array.isArray(converted) && converted.length === given.length
      ? given.map((item, index) => faithful(item, converted[index]))
      : given;
  }
  if (!isRecord(given) || !isRecord(converted)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([key, part]) => [key, Object.hasOwn(converted, key) ? faithful(part, converted[key]) : part]),
  );
}

function keepsMeaning(text: string, converted: unknown): boolean {
  switch (typeof converted) {
    case 'string':
      return converted === text;
    case 'number':
      // A whole number that a double cannot hold would change an id.
      return Number(text) === converted && (Number.isSafeInteger(converted) || !/^\s*[+-]?\d+\s*$/.test(text));
    case 'bigint':
      return /^\s*[+-]?\d+\s*$/.test(text);
    case 'boolean':
      return true;
    default:
      // Dates of text that names a year, not of bare times and numbers; and `null`.
      return converted === null || (converted instanceof Date && !Number.isNaN(converted.getTime()) && /^\d{4}-/.test(text));
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]';
}
