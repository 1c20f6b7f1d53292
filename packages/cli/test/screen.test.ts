import { afterEach, describe, expect, it, vi } from 'vitest';
import { showDetails } from '../src/report/details.ts';
import { showProgress } from '../src/report/progress.ts';
import { paint } from '../src/shell/color.ts';
import { watchSignals } from '../src/shell/signal.ts';
import { createFakeShell } from './support/fake-shell.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

const before = [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')];

describe('colour', () => {
  it('is for terminals, and NO_COLOR turns it off', () => {
    vi.stubEnv('NO_COLOR', '');
    expect(paint(createFakeShell({ cwd: '/', isTTY: true }).stderr, 'bad', 'x')).toBe('\u001b[31mx\u001b[39m');
    expect(paint(createFakeShell({ cwd: '/' }).stderr, 'bad', 'x')).toBe('x');
    vi.stubEnv('NO_COLOR', '1');
    expect(paint(createFakeShell({ cwd: '/', isTTY: true }).stderr, 'bad', 'x')).toBe('x');
  });
});

describe('progress', () => {
  const sample = (): { rows: number; failed: number; fraction: number } => ({ rows: 5, failed: 1, fraction: 0.5 });

  it('is a plain line every five seconds where nobody looks, notes between', () => {
    vi.useFakeTimers();
    const shell = createFakeShell({ cwd: '/' });
    const display = showProgress(shell, sample);
    vi.advanceTimersByTime(4999);
    display.note('a note');
    vi.advanceTimersByTime(5001);
    display.stop();
    vi.advanceTimersByTime(60_000);
    expect(shell.err()).toBe('a note\n5 rows · 1 failed · 0/s · 50 %\n5 rows · 1 failed · 0/s · 50 %\n');
  });

  it('is a bar on a terminal, taken away for notes and at the end', () => {
    vi.useFakeTimers();
    const shell = createFakeShell({ cwd: '/', isTTY: true });
    const display = showProgress(shell, sample);
    vi.advanceTimersByTime(300);
    expect(shell.err()).toContain('50 % · 5 rows · 1 failed');
    display.note('a note');
    expect(shell.err()).toMatch(/a note\n$/);
    vi.advanceTimersByTime(300);
    display.stop();
    const ended = shell.err();
    vi.advanceTimersByTime(60_000);
    expect(shell.err()).toBe(ended);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of a task is a line a second at most, or a bar', () => {
    let at = 0;
    const shell = { ...createFakeShell({ cwd: '/' }), now: () => at };
    const details = showDetails(shell);
    for (const time of [0, 500, 1000]) {
      at = time;
      details.show({ done: time, total: 1000 });
    }
    details.stop();
    expect(shell.err()).toBe('0 % done 0 · total 1000\n100 % done 1000 · total 1000\n');
    const screen = createFakeShell({ cwd: '/', isTTY: true });
    const drawn = showDetails(screen);
    drawn.show({ percent: 25 });
    drawn.show('only text');
    drawn.stop();
    expect(screen.err()).toContain('25 %');
  });
});

it('a signal that follows close on another is its echo; a later one is a second', () => {
  let at = 0;
  const seen: string[] = [];
  const unwatch = watchSignals(
    (signal) => seen.push(`${signal} at ${at}`),
    () => at,
  );
  for (const [time, signal] of [
    [0, 'SIGINT'],
    [3, 'SIGINT'],
    [300, 'SIGINT'],
    [900, 'SIGTERM'],
  ] as const) {
    at = time;
    process.emit(signal, signal);
  }
  unwatch();
  expect(seen).toEqual(['SIGINT at 0', 'SIGINT at 300', 'SIGTERM at 900']);
  expect([process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')]).toEqual(before);
});
