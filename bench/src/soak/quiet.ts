import type { Logger } from '@heddle/worker-pool';

const ignore = (): void => {};

/** Crashes are part of the load: nobody has to be told. */
export const quiet: Logger = { level: 'silent', trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore };
