import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';

/** Everything `close-with-grace` would act upon by itself but these two: other ends of the process are the app's own business. */
const SKIPPED = [
  ...(['SIGHUP', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGUSR2'] as const),
  ...(['uncaughtException', 'unhandledRejection', 'beforeExit'] as const),
];

/** Closes the app on SIGTERM and SIGINT, and exits. Answers how to stop listening for them. */
export function drainOnSignals(app: FastifyInstance, delayMs: number): () => void {
  const { uninstall } = closeWithGrace({ delay: delayMs, skip: [...SKIPPED], logger: app.log }, async ({ signal }) => {
    app.log.info({ signal, drainMs: delayMs }, 'draining');
    await app.close();
  });
  return uninstall;
}
