import { type ChildExit, defineAgent, Type } from 'heddle';
import { worker } from './worker.ts';

/** Splits a range among three workers. Each is a child of its own, by tag. */
export const coordinator = defineAgent({
  module: import.meta.url,
  name: 'coordinator',
  schema: Type.Object({
    status: Type.String({ default: 'idle' }),
    ended: Type.Array(Type.String(), { default: [] }),
    lastAnswer: Type.Optional(Type.String()),
  }),
  on: {
    begin: (state, { upTo }: { upTo: number }, ctx) => {
      const share = Math.ceil(upTo / 3);
      for (let index = 0; index < 3; index++) {
        const child = ctx.spawn(`worker_${index + 1}`, worker, { next: index * share, end: Math.min(upTo, (index + 1) * share) });
        void child.send('slice');
      }
      return { ...state, status: 'working' };
    },
    'child.exit': (state, { tag }: ChildExit) => {
      const ended = [...state.ended, tag].sort();
      return ended.length < 3
        ? { ...state, ended }
        : { ...state, ended, status: 'completed', lastAnswer: `${ended.join(', ')} have ended` };
    },
  },
});
