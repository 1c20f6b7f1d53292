import { type AgentDefinition, defineAgent, Type } from '@heddle/core';
import { SENDERS, type Tally, type TallySignal, take } from './tally.ts';

/** Counts what it is sent, and has completed when all of it has come. A signal out of order ends it. */
export const tallies: AgentDefinition<Tally, { readonly add: TallySignal }> = defineAgent({
  module: import.meta.url,
  name: 'tallies',
  schema: Type.Object({
    status: Type.String(),
    expected: Type.Integer(),
    seen: Type.Integer(),
    latest: Type.Array(Type.Integer(), { minItems: SENDERS, maxItems: SENDERS }),
    lastAnswer: Type.Optional(Type.Integer()),
  }),
  signals: { add: Type.Object({ sender: Type.Integer({ minimum: 0 }), number: Type.Integer({ minimum: 1 }) }) },
  on: { add: take },
});
