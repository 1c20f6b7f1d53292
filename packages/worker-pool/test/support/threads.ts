import { createRuntime, type Runtime, type RuntimeEvent, type RuntimeOptions } from '@heddle/worker-pool';
import { afterEach } from 'vitest';

const open: Runtime[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((runtime) => runtime.close({ graceMs: 0 })));
});

/** A logger that keeps what it is given. */
export interface KeptRecord {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string | undefined;
}

/** A runtime on real threads, closed after the test; its events and log records are kept. */
export function openRuntime(options: RuntimeOptions = {}): { runtime: Runtime; events: RuntimeEvent[]; records: KeptRecord[] } {
  const events: RuntimeEvent[] = [];
  const records: KeptRecord[] = [];
  const write = (level: string) => (fields: object, message?: string) => void records.push({ level, fields: { ...fields }, message });
  const logger = {
    level: 'trace',
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  };
  const runtime = createRuntime({ threads: { max: 1 }, logger, onEvent: (event) => events.push(event), ...options });
  open.push(runtime);
  return { runtime, events, records };
}

/** Waits, turn by turn of the event loop, until something holds. The test's own timeout is the limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}
