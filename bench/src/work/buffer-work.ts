import { countOf } from './buffer.ts';
import { countUpAction } from './buffer-action.ts';
import { type Work, wrongAnswer } from './work.ts';

/** An ArrayBuffer that is moved there and back. */
export const bufferWork: Work<ArrayBuffer, ArrayBuffer> = {
  file: new URL('./buffer.js', import.meta.url).href,
  name: 'countUp',
  action: countUpAction,
  checkedAction: countUpAction,
  check() {
    // What was given is gone: see `moving`.
  },
  moving: {
    copy: (bytes) => bytes.slice(0),
    mark: countOf,
    next(mark, value) {
      if (countOf(value) !== mark + 1) throw wrongAnswer('countUp', countOf(value));
      return value;
    },
  },
};
