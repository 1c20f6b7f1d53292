import { isRecord } from '@heddle/core/engine';

/** What a yielded value asks, as a person reads it: a text as it is, the text of an object's `question`, `prompt` or `message`, else JSON. */
export function questionText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isRecord(value)) {
    const said = [value['question'], value['prompt'], value['message']].find((text) => typeof text === 'string');
    if (typeof said === 'string') return said;
  }
  return jsonText(value);
}

/** A step's decorations on one line: `step 2 · total 3`. `undefined` when it has none. */
export function dataText(data: Readonly<Record<string, unknown>> | null): string | undefined {
  if (data === null) return undefined;
  return Object.entries(data)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : jsonText(value)}`)
    .join(' · ');
}

function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
