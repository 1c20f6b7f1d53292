import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineAction, Thrown, Type } from 'heddle';

export interface Question {
  readonly about: 'name' | 'email';
  readonly question: string;
}

export interface User {
  readonly name: string;
  readonly email: string;
}

export const signUp = defineAction({
  module: import.meta.url,
  name: 'signUp',
  description: 'Asks for what a new user needs.',
  schema: Type.Object({ taken: Type.Array(Type.String(), { default: [] }) }),
  // Checked where it is resumed: an empty answer is refused there, and the question stands.
  resumeSchema: Type.String({ minLength: 1 }),
  async *run({ taken }, ctx): AsyncGenerator<Question, User, string> {
    const draft = await mkdtemp(join(tmpdir(), 'heddle-sign-up-'));
    // Runs however it ends: by the last answer, a throw, or a cancel.
    ctx.defer(() => rm(draft, { recursive: true }));
    let step = 1;
    ctx.decorate('step', () => `${step} of 2`);
    ctx.decorate('draft', () => draft);

    const name = yield { about: 'name', question: 'Which name?' };
    // No fault, but an answer of its own kind: the caller is given this very value.
    if (taken.includes(name)) throw new Thrown({ reason: 'name_taken', name });
    await writeFile(join(draft, 'name'), name);

    step = 2;
    let email = yield { about: 'email', question: 'Which e-mail address?' };
    while (!email.includes('@')) email = yield { about: 'email', question: `\`${email}\` is no address. Which one is it?` };
    return { name, email };
  },
});
