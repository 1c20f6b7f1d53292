import { answerOneAction } from './nothing-action.ts';
import { type Work, wrongAnswer } from './work.ts';

/** An empty object there, a small number back: what a call costs that carries nothing. */
export const nothingWork: Work<object, number> = {
  file: new URL('./nothing.js', import.meta.url).href,
  name: 'answerOne',
  action: answerOneAction,
  checkedAction: answerOneAction,
  check(_params, value) {
    if (value !== 1) throw wrongAnswer('answerOne', value);
  },
};
