import { defineAction, Type } from 'heddle';

/**
 * @typedef {{ type: 'deposit' | 'withdraw', cents: number } | { type: 'close' }} Command
 * @typedef {{ state: 'ready', balance: number } | { state: 'refused', why: string, balance: number }} Answer
 */

export const processor = defineAction({
  module: import.meta.url,
  name: 'processor',
  description: 'An account that takes one command at a time.',
  schema: Type.Object({ balance: Type.Integer({ default: 0 }) }),
  resumeSchema: Type.Union([
    Type.Object({ type: Type.Union([Type.Literal('deposit'), Type.Literal('withdraw')]), cents: Type.Integer({ minimum: 1 }) }),
    Type.Object({ type: Type.Literal('close') }),
  ]),
  /** @returns {Generator<Answer, { balance: number }, Command>} */
  *run({ balance: opening }) {
    let balance = opening;
    /** @type {Answer} */
    let answer = { state: 'ready', balance };
    for (;;) {
      try {
        const command = yield answer;
        if (command.type === 'close') return { balance };
        const change = command.type === 'deposit' ? command.cents : -command.cents;
        if (balance + change < 0) throw new Error(`there are only ${balance}`);
        balance += change;
        answer = { state: 'ready', balance };
      } catch (error) {
        // Its own throw, and one that was thrown in by `throwIn`.
        answer = { state: 'refused', why: error instanceof Error ? error.message : String(error), balance };
      }
    }
  },
});
