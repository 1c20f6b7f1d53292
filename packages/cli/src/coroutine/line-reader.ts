import { createInterface, type Interface } from 'node:readline';
import type { Shell } from '../shell/shell.ts';

/**
 * Answers, a line each, of a person or of a program: reads stdin, prompts on stderr. The adapter of node:readline.
 *
 * One reader serves all questions, and keeps lines that come before they are asked for: piped answers arrive together, and a reader for each
 * question would lose them. `onInterrupt` is told of Ctrl-C, which is a key and no signal while the reader has the terminal.
 */
export class LineReader {
  /** A person answers: what is wrong can be asked for again. */
  readonly interactive: boolean;
  /** Both ends are a terminal: it draws the line as it is typed. */
  readonly #drawn: boolean;
  readonly #stderr: Shell['stderr'];
  readonly #readline: Interface;
  readonly #early: string[] = [];
  // Only there while no line is.
  #waiting: ((line: string | undefined) => void) | undefined;
  #ended = false;

  constructor({ stdin, stderr }: Pick<Shell, 'stdin' | 'stderr'>, onInterrupt: () => void) {
    this.interactive = stdin.isTTY === true;
    this.#drawn = this.interactive && stderr.isTTY === true;
    this.#stderr = stderr;
    const terminal = this.#drawn;
    // No history: answers may be secrets.
    this.#readline = createInterface({ input: stdin, ...(terminal ? { output: stderr } : {}), terminal, historySize: 0 });
    this.#readline.on('line', (line) => this.#take(line));
    this.#readline.on('SIGINT', () => {
      // From here on it is a signal again: the reader no longer has the terminal.
      this.close();
      onInterrupt();
    });
    this.#readline.on('close', () => {
      this.#ended = true;
      if (terminal && this.#waiting !== undefined) stderr.write('\n');
      this.#settle(undefined);
    });
    // What broke has ended; nothing more can be read of it.
    stdin.once('error', () => this.close());
  }

  /** Shows a prompt, unless it is empty, and waits for a line. One at a time. `undefined` = there are no more, or it was closed. */
  ask(prompt: string): Promise<string | undefined> {
    if (prompt !== '' && !this.#drawn) this.#stderr.write(`${prompt}\n`);
    const kept = this.#early.shift();
    if (kept !== undefined || this.#ended) return Promise.resolve(kept);
    return new Promise((resolve) => {
      this.#waiting = resolve;
      if (!this.#drawn) return void this.#readline.resume();
      this.#readline.setPrompt(`${prompt} `);
      this.#readline.prompt();
    });
  }

  /** Shows a line on stderr; above what is being typed, where it draws that. */
  show(line: string): void {
    const typing = this.#drawn && this.#waiting !== undefined;
    this.#stderr.write(typing ? `\r\u001b[K${line}\n` : `${line}\n`);
    if (typing) this.#readline.prompt(true);
  }

  #take(line: string): void {
    if (this.#waiting === undefined) this.#early.push(line);
    else this.#settle(line);
    // Never where it draws: a reader that is paused there does not see Ctrl-C.
    if (!this.#drawn) this.#readline.pause();
  }

  #settle(line: string | undefined): void {
    const answer = this.#waiting;
    this.#waiting = undefined;
    answer?.(line);
  }

  /** Ends a wait, reads no more, and gives the terminal back. Idempotent. */
  close(): void {
    this.#early.length = 0;
    if (!this.#ended) this.#readline.close();
  }
}
