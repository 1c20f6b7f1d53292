import { existsSync } from 'node:fs';
import { type Coroutine, createRuntime, isHeddleError, type Step } from 'heddle';
import { type Question, signUp, type User } from './sign-up.ts';

const runtime = createRuntime({ threads: { max: 1 } });
const show = (step: Step<Question, User>): void => console.log(textOf(step));

// Step by step: `next` resumes it and waits for what comes of that.
const wizard = runtime.coroutine(signUp, {}, {}, { tag: 'alice' });
show(await wizard.next());
await wizard.next('').catch((error: unknown) => console.log(isHeddleError(error) && error.message));
show(await wizard.next('Alice'));
show(await wizard.next('alice at example.com'));
show(await wizard.next('alice@example.com'));

// A domain throw is a step of its own, with the value that was thrown.
const late = runtime.coroutine(signUp, { taken: ['Alice'] });
show(await late.next());
show(await late.next('Alice'));

// Its user has gone: the draft goes with it, before `stop` is done.
const left = runtime.coroutine(signUp);
const first = await left.next();
show(first);
const draft = first.kind === 'suspended' ? String(first.data?.['draft']) : '';
console.log('draft is there:', existsSync(draft));
show(await left.stop({ reason: 'the page was closed' }));
console.log('draft is there:', existsSync(draft));

// By messages, as a server would hold hundreds: each is told to `onStep`, and resumed from wherever the answer comes in.
const answers: Readonly<Record<Question['about'], string>> = { name: 'Bob', email: 'bob@example.com' };
await new Promise<void>((done) => {
  const wizards = new Map<string, Coroutine<Question, User, string>>();
  const onStep = (step: Step<Question, User>): void => {
    show(step);
    if (step.kind === 'suspended') wizards.get(step.tag ?? '')?.resume(answers[step.value.about]);
    else done();
  };
  wizards.set('bob', runtime.coroutine(signUp, {}, {}, { tag: 'bob', onStep }));
});

await runtime.close();

function textOf(step: Step<Question, User>): string {
  switch (step.kind) {
    case 'suspended':
      return `${step.data?.['step']}: ${step.value.question}`;
    case 'completed':
      return `welcome ${step.value.name} ${step.value.email}`;
    case 'thrown':
      return `no: ${JSON.stringify(step.error)}`;
    case 'cancelled':
      return `cancelled: ${step.reason}`;
  }
}
