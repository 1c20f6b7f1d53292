import type { Frame, Hello } from '../src/wire.ts';

/** Whether frames come. */
export type ConnectionState = 'connecting' | 'live' | 'lost' | 'closed';

/** Who is told. */
export interface ConnectionEvents {
  hello(hello: Hello): void;
  frame(frame: Frame): void;
  state(state: ConnectionState): void;
}

/** Milliseconds between tries, where the browser itself has given up; and without a frame until it counts as lost. */
const AGAIN_MS = 2000;
const SILENT_MS = 3000;

/** Follows the server's events, and comes back when they stop. */
export function connect(events: ConnectionEvents): void {
  let last = Date.now();
  const open = (): void => {
    const source = new EventSource('events');
    const heard = (): void => {
      last = Date.now();
      events.state('live');
    };
    source.addEventListener('hello', (event) => {
      heard();
      events.hello(JSON.parse(event.data as string) as Hello); // what the server makes
    });
    source.addEventListener('frame', (event) => {
      heard();
      events.frame(JSON.parse(event.data as string) as Frame); // as above
    });
    source.addEventListener('closed', () => {
      events.state('closed');
      source.close();
      setTimeout(open, AGAIN_MS);
    });
    source.addEventListener('error', () => {
      events.state('lost');
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(open, AGAIN_MS);
    });
  };
  events.state('connecting');
  open();
  setInterval(() => {
    if (Date.now() - last > SILENT_MS && !document.hidden) events.state('lost');
  }, 1000);
}
