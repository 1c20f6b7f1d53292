import { createContextKey } from '@opentelemetry/api';
import type { SpanRecord } from '../span-record.ts';

/** Spans that are held at the most, before they are handed over. */
const MAX_HELD = 64;

/** The key under which contexts of an attempt have its outbox. The same in every copy of this package. */
export const OUTBOX: symbol = createContextKey('heddle.opentelemetry.outbox');

/** The spans of one attempt on their way to the host: together, before the attempt's outcome; one by one those that end later. */
export class Outbox {
  readonly #tell: (spans: readonly SpanRecord[]) => void;
  #held: SpanRecord[] = [];
  #closed = false;

  constructor(tell: (spans: readonly SpanRecord[]) => void) {
    this.#tell = tell;
  }

  push(span: SpanRecord): void {
    this.#held.push(span);
    if (this.#closed || this.#held.length >= MAX_HELD) this.flush();
  }

  flush(): void {
    const spans = this.#held;
    this.#held = [];
    if (spans.length > 0) this.#tell(spans);
  }

  /** The attempt has ended. */
  close(): void {
    this.#closed = true;
    this.flush();
  }
}
