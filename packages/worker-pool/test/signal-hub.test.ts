import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { abortReason, SignalHub } from '../src/signal-hub.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('the hub of abort signals', () => {
  it('E-8 keeps one listener, however many share a signal, and none when they are gone', () => {
    const told: number[] = [];
    const hub = new SignalHub<number>((item) => told.push(item));
    const { signal } = new AbortController();
    for (let item = 0; item < 1000; item++) hub.add(signal, item);
    expect(listeners(signal)).toBe(1);
    for (let item = 0; item < 1000; item++) hub.remove(signal, item);
    expect([listeners(signal), told]).toEqual([0, []]);
  });

  it('tells everybody once, with the reason, and lets go', () => {
    const told: unknown[] = [];
    const hub = new SignalHub<number>((item, reason) => {
      told.push([item, reason]);
      hub.remove(controller.signal, item);
    });
    const controller = new AbortController();
    for (const item of [1, 2, 3]) hub.add(controller.signal, item);
    hub.remove(controller.signal, 2);
    controller.abort('why');
    expect(told).toEqual([
      [1, 'why'],
      [3, 'why'],
    ]);
    expect(listeners(controller.signal)).toBe(0);
  });

  it('is not confused by what it never knew', () => {
    const hub = new SignalHub<number>(() => {});
    const { signal } = new AbortController();
    hub.remove(signal, 1);
    hub.add(signal, 1);
    hub.add(signal, 1);
    hub.remove(signal, 2);
    expect(listeners(signal)).toBe(1);
    hub.remove(signal, 1);
    expect(listeners(signal)).toBe(0);
  });
});

describe('the reason of an abort, in words', () => {
  it.each([
    ['enough', 'enough'],
    ['', 'cancelled'],
    [undefined, 'cancelled'],
    [7, 'cancelled'],
    [new Error('the client left'), 'the client left'],
    [AbortSignal.abort().reason, 'cancelled'],
    [new DOMException('stopped', 'AbortError'), 'stopped'],
  ])('%s', (reason, words) => {
    expect(abortReason(reason)).toBe(words);
  });
});
