import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { serviceCaller } from '../../src/service/caller.ts';
import { methodOf, serviceOf } from '../../src/service/service-table.ts';
import * as actions from '../fixtures/calls.ts';
import { Desk } from '../support/desk.ts';
import { settle } from '../support/fake-clock.ts';
import { applyMessage, forge } from '../support/forge.ts';
import { ServedHost } from '../support/served-lane.ts';

const hosts: ServedHost[] = [];

afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

function open(): { host: ServedHost; desk: Desk; port: MessagePort } {
  const desk = new Desk(serviceCaller);
  const host = new ServedHost({ services: { desk } });
  hosts.push(host);
  if (host.servicePort === undefined) throw new Error('there is no service channel');
  return { host, desk, port: host.servicePort };
}

describe('a call that its method never answers', () => {
  it('E-8 is answered when its task leaves the lane: the other end keeps its record of the call until then', async () => {
    const { host, port } = open();
    const task = host.task(actions.waits, { at: 'window' });
    const answers = new Map<unknown, unknown>();
    const listener = ({ id, value }: { id: unknown; value: unknown }): void => void answers.set(id, value);
    port.on('message', listener);
    for (const id of ['a', 'b']) port.postMessage(applyMessage(id, [task.slot, task.generation, 'desk', 'waits', [id]]));
    port.postMessage(applyMessage('c', [task.slot, task.generation, 'desk', 'count', []]));
    while (!answers.has('c')) await settle();
    expect([...answers.keys()]).toEqual(['c']);
    host.leave(task.slot);
    while (answers.size < 3) await settle();
    expect(answers.get('a')).toEqual([1, expect.objectContaining({ type: 'cancelled' })]);
    port.off('message', listener);
  });
});

describe('a forged call', () => {
  it('A-9 is answered with an error when nobody who is running made it', async () => {
    const { host, port } = open();
    const task = host.task(actions.waits, { at: 'window' });
    const call = [task.slot, task.generation, 'desk', 'lookup', ['tea']];
    const stale = [task.slot, task.generation - 1, 'desk', 'lookup', ['tea']];
    const nobody = [500, 1, 'desk', 'lookup', ['tea']];
    const answers = await forge(port, applyMessage('ok', call), applyMessage('stale', stale), applyMessage('nobody', nobody));
    const gone = [1, expect.objectContaining({ type: 'cancelled' })];
    expect(answers).toEqual({ ok: [0, 450], stale: gone, nobody: gone });
    host.leave(task.slot);
    expect(await forge(port, applyMessage('left', call))).toEqual({ left: gone });
  });

  it.each([
    ['no list', {}],
    ['too short', [0, 1, 'desk', 'lookup']],
    ['no slot', ['0', 1, 'desk', 'lookup', []]],
    ['half a slot', [0.5, 1, 'desk', 'lookup', []]],
    ['no generation', [0, null, 'desk', 'lookup', []]],
    ['no service', [0, 1, 7, 'lookup', []]],
    ['no method', [0, 1, 'desk', ['lookup'], []]],
    ['no arguments', [0, 1, 'desk', 'lookup', { length: 1 }]],
  ])('A-9 of another form is answered with `invalid_input`: %s', async (_name, call) => {
    const { port } = open();
    expect(await forge(port, applyMessage('it', call))).toEqual({ it: [1, expect.objectContaining({ type: 'invalid_input' })] });
  });

  it('A-9 that is no call is not looked at: the host neither throws nor answers, and serves on', async () => {
    const { host, port, desk } = open();
    const call = [0, 1, 'desk', 'lookup', ['tea']];
    const { port1, port2 } = new MessageChannel();
    const messages: readonly unknown[] = [
      undefined,
      null,
      7,
      [],
      {},
      { ...applyMessage('get', call), type: 'GET' },
      { ...applyMessage('set', call), type: 'SET', path: ['prototype'], value: { type: 'RAW', value: 1 } },
      { ...applyMessage('construct', call), type: 'CONSTRUCT' },
      { ...applyMessage('endpoint', call), type: 'ENDPOINT' },
      { ...applyMessage('release', call), type: 'RELEASE' },
      applyMessage('', call),
      { ...applyMessage('no id', call), id: 7 },
      applyMessage('deep', call, { path: ['constructor'] }),
      applyMessage('no path', call, { path: undefined }),
      applyMessage('no arguments', call, { argumentList: undefined }),
      applyMessage('bad argument', call, { argumentList: [null] }),
      applyMessage('two arguments', call, { argumentList: [{ type: 'RAW', value: call }, { type: 'RAW' }] }),
      applyMessage('unknown handler', call, { argumentList: [{ type: 'HANDLER', name: 'nothing', value: 1 }] }),
      applyMessage('thrown', call, { argumentList: [{ type: 'HANDLER', name: 'throw', value: { isError: false, value: 1 } }] }),
    ];
    port.postMessage(applyMessage('proxy', call, { argumentList: [{ type: 'HANDLER', name: 'proxy', value: port2 }] }), [port2]);
    expect(await forge(port, ...messages)).toEqual({});
    port1.close();
    expect(await host.run(actions.calls, { method: 'add', args: [1, 2] })).toEqual({ ok: true, value: 3 });
    expect(desk.callers).toEqual([]);
  });
});

describe('a channel that the host has closed', () => {
  it('A-9 ends what is pending and refuses what comes after; the attempt goes on', async () => {
    const { host, desk } = open();
    const task = host.task(actions.tells, { method: 'waits', args: ['window'] });
    host.send(task);
    while (desk.waiting.length === 0) await settle();
    host.closeServices();
    const lost = { ok: true, value: expect.objectContaining({ type: 'worker_lost' }) };
    expect(await host.outcome(task)).toEqual(lost);
    expect(await host.run(actions.tells, { method: 'add' })).toEqual(lost);
  });
});

describe('the methods of a service', () => {
  class Base {
    inherited(): string {
      return 'inherited';
    }
  }
  class Derived extends Base {
    readonly own = (): string => 'own';
    readonly text: string = 'text';
    override toString(): string {
      return 'its own';
    }
  }

  it('A-9 are its own and those of its classes', () => {
    const service = new Derived();
    expect(methodOf('it', service, 'own').call(service)).toBe('own');
    expect(methodOf('it', service, 'inherited').call(service)).toBe('inherited');
    const bare = Object.assign(Object.create(null) as object, { works: () => 1 });
    expect(methodOf('it', bare, 'works').call(bare)).toBe(1);
  });

  it.each([
    'constructor',
    '__proto__',
    'prototype',
    'then',
    'toJSON',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__defineGetter__',
    '__lookupSetter__',
    'isPrototypeOf',
    'text',
    'missing',
    '',
  ])('A-9 are never %j', (name) => {
    const service = Object.assign(new Derived(), Object.fromEntries(['then', 'prototype', 'toJSON'].map((key) => [key, () => 1])));
    const refusal = expect.objectContaining({ type: 'not_found', details: { service: 'it', method: name, methods: ['own', 'inherited'] } });
    expect(() => methodOf('it', service, name)).toThrow(refusal);
  });

  it('A-9 are not what somebody has added to every object', () => {
    Object.defineProperty(Object.prototype, 'polluted', { value: () => 'everywhere', configurable: true });
    try {
      expect(() => methodOf('it', {}, 'polluted')).toThrow(
        'Service `it` has no method `polluted`; only methods can be called, and `it` has none',
      );
      expect(() => serviceOf(new Map(), 'polluted')).toThrow('There is no service `polluted`');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted');
    }
  });
});
