import type { ActionMetadata } from '@heddle/core';
import { formatDuration } from '../report/duration.ts';
import { schemaFields } from '../report/schema-text.ts';
import { tableLines } from '../report/table.ts';
import { paint } from '../shell/color.ts';
import type { Screen } from '../shell/shell.ts';

/** A word and what it stands for. */
export type Fact = readonly [name: string, value: string];

/** Name, description and the facts below. */
export function headLines(screen: Screen, { name, description }: ActionMetadata, facts: readonly Fact[]): readonly string[] {
  return [paint(screen, 'strong', name), ...(description === undefined ? [] : [`  ${description}`]), '', ...tableLines(facts, '  ')];
}

/** What every definition may say of itself. */
export function metadataFacts({ category, tags, vsn, module }: ActionMetadata): readonly Fact[] {
  return [
    ...(category === undefined ? [] : [['category', category] as const]),
    ...(tags.length === 0 ? [] : [['tags', tags.join(', ')] as const]),
    ...(vsn === undefined ? [] : [['version', vsn] as const]),
    ['module', module],
  ];
}

/** The fields of a schema under a title. Takes JSON Schema. */
export function section(title: string, schema: unknown): readonly string[] {
  if (schema === undefined) return ['', `  ${title}: any, it has no schema`];
  const lines = fieldLines(schema, '    ');
  return ['', `  ${title}`, ...(lines.length === 0 ? ['    an object'] : lines)];
}

function fieldLines(schema: unknown, indent: string): readonly string[] {
  const rows = schemaFields(schema).map(({ path, type, need, description }) => [path === '' ? '(itself)' : path, type, need, description]);
  return tableLines(rows, indent);
}

/** A time limit in words. */
export function limitText(ms: number): string {
  return ms === Number.POSITIVE_INFINITY ? 'none' : formatDuration(ms);
}
