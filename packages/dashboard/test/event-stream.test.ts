import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { EventStream, type FrameSource } from '../src/http/event-stream.ts';
import type { Frame } from '../src/wire.ts';

/** A page that takes what it is sent, or does not. */
class FakePage extends EventEmitter {
  readonly events: { readonly event: string; readonly at: number }[] = [];
  writableLength = 0;
  ended = false;
  writeHead(): void {}
  write(text: string): void {
    for (const [, event = '', data = ''] of text.matchAll(/event: (\w+)\ndata: (.*)\n\n/g))
      this.events.push({ event, at: (JSON.parse(data) as Frame).at });
  }
  end(): void {
    this.ended = true;
    this.emit('close');
  }
  /** As a response, of which only this is used. */
  get response(): ServerResponse {
    return this as unknown as ServerResponse;
  }
}

function source(): FrameSource & { at: number; made: (number | 'all')[] } {
  const made: (number | 'all')[] = [];
  const self = {
    at: 0,
    made,
    lanes: { look: () => Promise.resolve() },
    marks: () => ({ rows: self.at, spans: 0, points: 0, events: 0 }),
    frame(since: { rows: number } | undefined): Frame {
      made.push(since?.rows ?? 'all');
      return { at: self.at } as Frame; // no more of it is looked at here
    },
  };
  return self;
}

const about = { runtime: 'r', readOnly: false, startable: [] };

describe('the stream of events', () => {
  it('R-15 makes one frame a tick, however many look, and none when nobody does', async () => {
    const frames = source();
    const stream = new EventStream(frames, () => about);
    stream.tick();
    expect(frames.made).toEqual([]);
    const pages = [new FakePage(), new FakePage(), new FakePage()];
    for (const page of pages) await stream.open(page.response);
    frames.made.length = 0;
    frames.at = 1;
    stream.tick();
    frames.at = 2;
    stream.tick();
    expect(frames.made).toEqual([0, 1]);
    for (const page of pages)
      expect(page.events).toEqual([
        { event: 'hello', at: 0 },
        { event: 'frame', at: 1 },
        { event: 'frame', at: 2 },
      ]);
  });

  it('R-15 sends a slow page nothing until it has taken what waits for it, and then a whole frame', async () => {
    const frames = source();
    const stream = new EventStream(frames, () => about);
    const [slow, quick] = [new FakePage(), new FakePage()];
    await stream.open(slow.response);
    await stream.open(quick.response);
    slow.writableLength = 1024 * 1024;
    for (frames.at = 1; frames.at <= 100; frames.at++) stream.tick();
    expect([slow.events.length, quick.events.length, stream.dropped]).toEqual([1, 101, 100]);
    slow.writableLength = 0;
    stream.tick();
    stream.tick();
    expect(slow.events.map(({ event }) => event)).toEqual(['hello', 'hello', 'frame']);
  });

  it('R-15 forgets a page that has gone, refuses more than it can serve, and ends all when it is closed', async () => {
    const stream = new EventStream(source(), () => about);
    const pages = Array.from({ length: 50 }, () => new FakePage());
    for (const page of pages) await stream.open(page.response);
    await expect(stream.open(new FakePage().response)).rejects.toMatchObject({ status: 503 });
    pages[0]?.emit('close');
    expect(stream.clients).toBe(49);
    stream.close();
    expect(pages.slice(1).every(({ ended }) => ended)).toBe(true);
    expect(stream.clients).toBe(0);
  });
});
