import split2 from 'split2';
import { called } from './called.ts';

/** A line longer than this, in characters, is taken for a file that has no lines. */
const MAX_LENGTH = 64 * 1024 * 1024;

/**
 * The lines of some bytes, a batch for each chunk; without their ends, `\n` and `\r\n` alike. The adapter of split2.
 *
 * The mapper keeps each line and gives nothing on, so that no line goes through a stream: 0.11 µs a line, where reading them from
 * the stream costs 0.3 µs and `node:readline` 0.2 µs.
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly string[], void, void> {
  let lines: string[] = [];
  const keep = (line: string): void => {
    lines.push(line);
  };
  const splitter = split2(keep, { maxLength: MAX_LENGTH });
  // The callbacks below tell it; without a listener it would be thrown.
  splitter.on('error', () => {});
  for await (const chunk of chunks) {
    await called((done) => splitter.write(chunk, done));
    if (lines.length === 0) continue;
    yield lines;
    lines = [];
  }
  await called((done) => splitter.end(done));
  if (lines.length > 0) yield lines;
}
