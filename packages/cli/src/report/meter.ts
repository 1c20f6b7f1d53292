/** How far a batch is at one moment. */
export interface Sample {
  /** Rows settled in this run. */
  readonly rows: number;
  readonly failed: number;
  /** The part of the input done, 0 to 1; `undefined` when its size is not known. */
  readonly fraction: number | undefined;
}

/** A sample, with what follows from those before it. */
export interface Pace extends Sample {
  readonly rowsPerSecond: number;
  /** Milliseconds to go at the pace of late; `undefined` when it cannot be told. */
  readonly leftMs: number | undefined;
}

/** Rates are of the last ten seconds: a job's beginning says little about its end. */
const WINDOW_MS = 10_000;

interface Timed {
  readonly at: number;
  readonly sample: Sample;
}

/** Turns samples into a pace. Keeps as many as fall into the window, and the one before. */
export function createMeter(now: () => number): (sample: Sample) => Pace {
  const window: Timed[] = [{ at: now(), sample: { rows: 0, failed: 0, fraction: undefined } }];
  return (sample) => {
    const at = now();
    window.push({ at, sample });
    while ((window[1]?.at ?? at) <= at - WINDOW_MS) window.shift();
    const oldest = window[0] ?? { at, sample };
    const ms = at - oldest.at;
    const rowsPerSecond = ms > 0 ? ((sample.rows - oldest.sample.rows) / ms) * 1000 : 0;
    return { ...sample, rowsPerSecond, leftMs: leftMs(sample.fraction, oldest.sample.fraction ?? 0, ms) };
  };
}

function leftMs(fraction: number | undefined, before: number, ms: number): number | undefined {
  if (fraction === undefined || fraction <= before || ms <= 0) return undefined;
  return (1 - fraction) / ((fraction - before) / ms);
}
