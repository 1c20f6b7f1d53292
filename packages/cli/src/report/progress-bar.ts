import cliProgress, { SingleBar } from 'cli-progress';
import type { Screen } from '../shell/shell.ts';

/** A line at the foot of a terminal, redrawn in place: a bar where the fraction is known, and text. */
export interface ProgressBar {
  draw(fraction: number | undefined, text: string): void;
  /** Takes the line away, so that something else can be written there; the next `draw` brings it back. */
  clear(): void;
}

const STEPS = 1000;

/** The adapter of cli-progress. */
export function createProgressBar(screen: Screen): ProgressBar {
  let bar: SingleBar | undefined;
  let withBar = false;
  const open = (fraction: number | undefined): SingleBar => {
    withBar = fraction !== undefined;
    const opened = new SingleBar({
      stream: screen,
      format: withBar ? '{bar} {percentage} % · {text}' : '{text}',
      barsize: 24,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      fps: 20,
      clearOnComplete: true,
      hideCursor: true,
      // It would take the signals for itself.
      gracefulExit: false,
    });
    opened.start(STEPS, 0, { text: '' });
    return opened;
  };
  const clear = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    draw(fraction, text) {
      if (bar !== undefined && withBar !== (fraction !== undefined)) clear();
      bar ??= open(fraction);
      bar.update(Math.floor((fraction ?? 0) * STEPS), { text });
    },
    clear,
  };
}

const BAR = { barsize: 24, barCompleteString: '█'.repeat(24), barIncompleteString: ' '.repeat(24), barGlue: '' };

/** A bar of a table: as long as the fraction, padded to its full width. */
export function barText(fraction: number): string {
  return cliProgress.Format.BarFormat(Math.min(Math.max(fraction, 0), 1), BAR);
}
