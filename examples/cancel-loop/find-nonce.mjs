import { createHash } from 'node:crypto';
import { defineAction, Type } from 'heddle';

/** Looks for a number that gives a text a hash with many leading zeros; never awaits, and may never find one. */
export const findNonce = defineAction({
  module: import.meta.url,
  name: 'findNonce',
  schema: Type.Object({ text: Type.String(), zeros: Type.Integer({ minimum: 1, maximum: 64 }) }),
  run({ text, zeros }, ctx) {
    const wanted = '0'.repeat(zeros);
    ctx.defer(() => console.log('the loop has cleaned up'));
    for (let nonce = 0; ; nonce++) {
      ctx.throwIfCancelled();
      if (nonce % 100_000 === 0) ctx.progress({ tried: nonce });
      const hash = createHash('sha256').update(`${text}${nonce}`).digest('hex');
      if (hash.startsWith(wanted)) return { nonce, hash };
    }
  },
});
