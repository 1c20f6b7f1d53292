import type { Screen } from './shell.ts';

/** How a piece of text stands out. */
export type Tone = 'bad' | 'good' | 'dim' | 'strong';

// Written here and not by `util.styleText`, which on newer Node looks at stdout when the text is for stderr.
const CODES: Readonly<Record<Tone, readonly [on: number, off: number]>> = {
  bad: [31, 39],
  good: [32, 39],
  dim: [2, 22],
  strong: [1, 22],
};

/** Colours text where the screen shows colours; `NO_COLOR`, a pipe or a file leave it as it is. */
export function paint(screen: Screen, tone: Tone, text: string): string {
  if (screen.isTTY !== true || isSet(process.env['NO_COLOR'])) return text;
  const [on, off] = CODES[tone];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
