import { defineAction, fail, ok, Type } from 'heddle';

const Line = Type.Object({
  sku: Type.String({ minLength: 1 }),
  cents: Type.Integer({ minimum: 0 }),
  // A default may be left out by the caller, and is there in `run`.
  count: Type.Integer({ minimum: 1, default: 1 }),
});

export const priceOrder = defineAction({
  module: import.meta.url,
  name: 'priceOrder',
  description: 'Adds up an order.',
  schema: Type.Object({ lines: Type.Array(Line), currency: Type.String({ default: 'EUR' }) }),
  outputSchema: Type.Object({ cents: Type.Integer({ minimum: 0, maximum: 1_000_000 }), currency: Type.String() }),

  // Before the check: makes what came fit. The params are of unknown form here.
  onBeforeValidateParams: (params) => ({ ...params, currency: String(params['currency'] ?? 'EUR').toUpperCase() }),

  // After it: what a schema cannot say.
  onAfterValidateParams({ lines }) {
    return lines.length === 0 ? fail('an order has at least one line') : undefined;
  },

  run({ lines, currency }) {
    const cents = lines.reduce((sum, line) => sum + line.cents * line.count, 0);
    // A directive travels beside the value, for whoever started the task.
    return cents > 100_000 ? ok({ cents, currency }, { review: true }) : ok({ cents, currency });
  },

  // After `run`, before its value is checked.
  onAfterRun: ({ cents, currency }, ctx) => ({ cents: Math.round(cents * (1 - Number(ctx.context['discount'] ?? 0))), currency }),
});
