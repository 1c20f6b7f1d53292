import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

/** The first column of the table that follows a text, as it stands there. */
const columnAfter = (page: string, text: string): string[] => {
  const table =
    page
      .slice(page.indexOf(text))
      .split('\n\n')
      .find((block) => block.startsWith('|')) ?? '';
  return [...table.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
};

/** The fields of an interface. */
const fieldsOf = (source: string, name: string): string[] => {
  const [, body = ''] = new RegExp(`^export interface ${name} \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(source) ?? [];
  return [...body.matchAll(/^ {2}readonly (\w+)/gm)].map(([, field = '']) => field);
};

it('R-9 docs/telemetry.md names each kind of event, and no other', () => {
  const kinds = [...read('packages/worker-pool/src/event.ts').matchAll(/readonly kind: '(\w+)'/g)].map(([, kind = '']) => kind);
  expect(kinds.length).toBeGreaterThan(10);
  expect(columnAfter(read('docs/telemetry.md'), '### `EventTrace`').sort()).toEqual(kinds.sort());
});

it.each(['TaskTrace', 'AttemptTrace', 'StepTrace'])('R-9 docs/telemetry.md names each field of a %s, and no other', (name) => {
  const fields = fieldsOf(read('packages/worker-pool/src/telemetry/trace.ts'), name);
  expect(fields.length).toBeGreaterThan(4);
  expect(columnAfter(read('docs/telemetry.md'), `### \`${name}\``).sort()).toEqual(fields.sort());
});
