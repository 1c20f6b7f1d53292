/** Told by a task, so that it can be told from a line of the soak's. */
const TALK = 'talking';

/** Tells of what nobody caught in this thread, and of what Node warns; keeps what tasks print off the terminal. Gives what ends it. */
export function watchProcess(complain: (complaint: string) => void): () => void {
  const uncaught = (error: unknown): void => complain(`nobody caught ${error instanceof Error ? error.stack : error}`);
  const warned = (warning: Error): void => {
    if (warning.name !== 'ExperimentalWarning') complain(`Node warns: ${warning.message}`);
  };
  process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught).on('warning', warned);
  const { write } = process.stdout;
  process.stdout.write = ((text: string | Uint8Array) =>
    typeof text === 'string' && text.startsWith(TALK) ? true : write.call(process.stdout, text)) as typeof write; // its other arguments are not used here
  return () => {
    process.stdout.write = write;
    process.off('uncaughtException', uncaught).off('unhandledRejection', uncaught).off('warning', warned);
  };
}
