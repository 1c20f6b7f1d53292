import { type ExitCode, exitCodeOfSignal, type Signal } from '../shell/exit-code.ts';
import type { Shell } from '../shell/shell.ts';

/** The signals that come while something runs. */
export interface Interrupts {
  /** A signal came, or a key that stands for one. */
  readonly hear: (signal: Signal) => void;
  /** Of the signal that stopped it, if one did. */
  exitCode(): ExitCode | undefined;
  unwatch(): void;
}

/** The first signal ends what runs, and the process waits for it; the second ends the process. `doing` says the first one's word. */
export function watchInterrupts(
  shell: Shell,
  endProgress: () => void,
  end: (signal: Signal) => void,
  doing: 'cancelling' | 'stopping' = 'cancelling',
): Interrupts {
  let stoppedBy: Signal | undefined;
  const hear = (signal: Signal): void => {
    endProgress();
    if (stoppedBy !== undefined) {
      shell.exit(exitCodeOfSignal(signal));
      return;
    }
    stoppedBy = signal;
    shell.stderr.write(`${doing}; once more ends at once\n`);
    end(signal);
  };
  const unwatch = shell.onSignal(hear);
  return { hear, unwatch, exitCode: () => (stoppedBy === undefined ? undefined : exitCodeOfSignal(stoppedBy)) };
}
