import { createRuntime } from 'heddle';
import { processor } from './processor.mjs';

const runtime = createRuntime({ threads: { max: 1 } });
const account = runtime.coroutine(processor, { balance: 100 }, {}, { tag: 'account 7' });

// Says that it is ready at once; then each command is answered to the one who asks.
console.log(answerOf(await account.next()));
console.log(answerOf(await account.next({ type: 'deposit', cents: 50 })));

// Somebody else asks, and is given this one answer.
const teller = await new Promise((resolve) => account.resume({ type: 'withdraw', cents: 500 }, { replyTo: resolve }));
console.log('to the teller:', answerOf(teller));

// An error is thrown where it waits, and it goes on as its code says.
account.throwIn(new Error('the till is locked'));
console.log(answerOf(await account.next()));

// One command at a time: a second one is not queued but refused at once. So is what the schema does not know.
account.resume({ type: 'deposit', cents: 1 });
try {
  account.resume({ type: 'deposit', cents: 2 });
} catch (error) {
  console.log(/** @type {import('heddle').HeddleError} */ (error).type);
}
console.log(answerOf(await account.next()));
await account.next({ type: 'deposit', cents: -1 }).catch((error) => console.log(error.type, account.state));

console.log(answerOf(await account.next({ type: 'close' })), account.state);
await runtime.close();

/**
 * What a step says, in short.
 *
 * @param {import('heddle').Step} step
 */
function answerOf(step) {
  return step.kind === 'suspended' || step.kind === 'completed' ? `${step.seq} ${step.kind} ${JSON.stringify(step.value)}` : step.kind;
}
