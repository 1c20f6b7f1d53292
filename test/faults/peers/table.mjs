// The results as a table for a page, between its markers.
import { FAULTS, KINDS } from '../catalogue.mjs';

export const BEGIN = '<!-- faults: begin -->';
export const END = '<!-- faults: end -->';

/** @typedef {{ settles?: boolean, one?: boolean, typed?: boolean, neighbours?: boolean, next?: boolean, survives?: boolean }} Held */
/** @typedef {{ node: string, peers: readonly { name: string, version: string, stops: string }[], results: Record<string, Record<string, Held | null>> }} Report */

/** What a letter says that a pool did not hold. */
const LETTERS = /** @type {const} */ ({ settles: 'h', one: 'o', typed: 't', neighbours: 'n', next: 'x', survives: 'p' });

/** @param {Held | null | undefined} held */
export function cellOf(held) {
  if (held === null || held === undefined) return '–';
  const broken = Object.entries(LETTERS).filter(([promise]) => held[/** @type {keyof Held} */ (promise)] === false);
  return broken.length === 0 ? '✓' : `**${broken.map(([, letter]) => letter).join(' ')}**`;
}

/** @param {Report} report */
export function tableOf({ node, peers, results }) {
  const lines = [
    `Node ${node}; ${peers.map(({ name, version, stops }) => `${name} ${version}${name === 'heddle' || stops === '' ? '' : ` (tasks stopped by ${stops})`}`).join(', ')}.`,
    '',
    `| fault | ${peers.map(({ name }) => name).join(' | ')} |`,
    `|---|${peers.map(() => '---').join('|')}|`,
  ];
  let kind = '';
  for (const fault of FAULTS) {
    if (fault.kind !== kind) lines.push(`| **${KINDS[fault.kind]}** |${peers.map(() => ' |').join('')}`);
    kind = fault.kind;
    lines.push(`| ${fault.title} | ${peers.map(({ name }) => cellOf(results[fault.id]?.[name])).join(' | ')} |`);
  }
  return lines.join('\n');
}

/** @param {string} page @param {string} table */
export function inserted(page, table) {
  const [before, rest = ''] = page.split(BEGIN);
  return `${before}${BEGIN}\n\n${table}\n\n${END}${rest.split(END)[1] ?? ''}`;
}
