import type { Shell } from '../shell/shell.ts';
import { formatCount, formatDuration } from './duration.ts';
import { createMeter, type Pace, type Sample } from './meter.ts';
import { createProgressBar } from './progress-bar.ts';

const BAR_MS = 100;
const LINE_MS = 5000;

/** Shows on stderr how a batch goes. */
export interface ProgressDisplay {
  /** Writes a line, above the bar where there is one. */
  note(text: string): void;
  stop(): void;
}

/** Progress that shows notes alone: where the results themselves go by on the same terminal. */
export function showNotes({ stderr }: Pick<Shell, 'stderr'>): ProgressDisplay {
  return { note: (text) => void stderr.write(`${text}\n`), stop: () => {} };
}

/** A bar on a terminal, else a plain line every five seconds; none of it holds the process. */
export function showProgress(shell: Pick<Shell, 'stderr' | 'now'>, sample: () => Sample): ProgressDisplay {
  const { stderr } = shell;
  const pace = createMeter(shell.now);
  const bar = stderr.isTTY === true ? createProgressBar(stderr) : undefined;
  const tick = (): void => {
    const now = pace(sample());
    if (bar === undefined) stderr.write(`${progressText(now, true)}\n`);
    else bar.draw(now.fraction, progressText(now, false));
  };
  const timer = setInterval(tick, bar === undefined ? LINE_MS : BAR_MS).unref();
  return {
    note(text) {
      bar?.clear();
      stderr.write(`${text}\n`);
    },
    stop() {
      clearInterval(timer);
      bar?.clear();
    },
  };
}

/** A pace in words: `12 345 rows · 3 failed · 4 000/s · 38 % · 12 s left`. The bar shows the percentage itself. */
export function progressText(pace: Pace, withPercentage: boolean): string {
  const { rows, failed, fraction, rowsPerSecond, leftMs } = pace;
  return [
    `${formatCount(rows)} ${rows === 1 ? 'row' : 'rows'}`,
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    `${rateText(rowsPerSecond)}/s`,
    ...(withPercentage && fraction !== undefined ? [`${Math.floor(fraction * 100)} %`] : []),
    ...(leftMs === undefined ? [] : [`${formatDuration(leftMs)} left`]),
  ].join(' · ');
}

/** A rate: whole from ten on. */
export function rateText(perSecond: number): string {
  return perSecond >= 10 ? formatCount(perSecond) : String(Number(perSecond.toFixed(1)));
}
