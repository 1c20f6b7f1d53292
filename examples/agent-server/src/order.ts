import { setTimeout as sleep } from 'node:timers/promises';
import { defineAgent, Type } from 'heddle';

/** One order on its way: packs its items one at a time, and can be asked how far it is. */
export const order = defineAgent({
  module: import.meta.url,
  name: 'order',
  schema: Type.Object({
    status: Type.String({ default: 'packing' }),
    items: Type.Array(Type.String()),
    packed: Type.Array(Type.String(), { default: [] }),
    lastAnswer: Type.Optional(Type.Object({ packed: Type.Integer() })),
    error: Type.Optional(Type.Unknown()),
  }),
  on: {
    pack: async (state, _data, ctx) => {
      const [item, ...items] = state.items;
      if (item === undefined) return { ...state, status: 'completed', lastAnswer: { packed: state.packed.length } };
      if (item === 'sold out') return { ...state, status: 'failed', error: { item } };
      await sleep(item === 'piano' ? 60_000 : 1, undefined, { signal: ctx.signal });
      void ctx.self.send('pack');
      return { ...state, items, packed: [...state.packed, item] };
    },
  },
});
