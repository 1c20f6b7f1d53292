import type { AgentDefinition } from '@heddle/core';
import { schemaFields } from '../report/schema-text.ts';
import { tableLines } from '../report/table.ts';

/** What an agent handles, a line each; the fields of a signal's data below it. */
export function signalLines(agent: AgentDefinition, indent: string): readonly string[] {
  const { signals } = agent.toJSON();
  return Object.entries(signals).flatMap(([signal, schema]) => {
    if (agent.signals[signal] === undefined) return [`${indent}${signal}  any data`];
    const fields = schemaFields(schema);
    const [first] = fields;
    if (first === undefined) return [`${indent}${signal}  an object`];
    // Data that is no object has no fields to name.
    if (first.path === '') return [`${indent}${[signal, first.type, first.description].join('  ').trimEnd()}`];
    const rows = fields.map(({ path, type, need, description }) => [path, type, need, description]);
    return [`${indent}${signal}`, ...tableLines(rows, `${indent}  `)];
  });
}
