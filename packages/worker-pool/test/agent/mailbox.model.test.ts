import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Mail, Mailbox } from '../../src/agent/mailbox.ts';

const call = { id: 1, settle: () => {} };
const signalMail = (name: number, called: boolean, encoded = false): Mail => ({
  kind: 'signal',
  signal: String(name),
  data: undefined,
  encoded,
  call: called ? call : undefined,
});

type Command = { readonly op: 'add' | 'call' | 'host' | 'take' | 'back' | 'withdraw'; readonly pick: number };

const commands = fc.array(
  fc.record<Command>({ op: fc.constantFrom('add', 'add', 'call', 'call', 'host', 'take', 'take', 'back', 'withdraw'), pick: fc.nat(50) }),
  { maxLength: 400 },
);

describe('the mailbox', () => {
  it('W-1 gives out what came first, but what was withdrawn; what was put back comes again; and counts what senders sent', () => {
    void fc.assert(
      fc.property(commands, (list) => {
        const mailbox = new Mailbox();
        const model: Mail[] = [];
        const calls: Mail[] = [];
        let last: Mail | undefined;
        for (const [index, { op, pick }] of list.entries()) {
          if (op === 'take') {
            last = mailbox.take();
            expect(last).toBe(model.shift());
          } else if (op === 'back') {
            if (last === undefined) continue;
            mailbox.putBack(last);
            model.unshift(last);
            last = undefined;
          } else if (op === 'withdraw') {
            const mail = calls[pick % (calls.length || 1)];
            if (mail === undefined) continue;
            expect(mailbox.has(mail)).toBe(model.includes(mail));
            mailbox.withdraw(mail);
            const at = model.indexOf(mail);
            if (at >= 0) model.splice(at, 1);
          } else {
            const mail = signalMail(index, op === 'call', op === 'host');
            mailbox.add(mail);
            model.push(mail);
            if (op === 'call') calls.push(mail);
          }
          expect(mailbox.signals).toBe(model.filter((mail) => mail.kind === 'signal' && !mail.encoded).length);
        }
        expect([...mailbox.empty()]).toEqual(model);
      }),
    );
  });
});
