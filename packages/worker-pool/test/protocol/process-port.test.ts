import { EventEmitter } from 'node:events';
import { BlockList } from 'node:net';
import { describe, expect, it } from 'vitest';
import { decodeFromProcess, encodeForProcess, TO_PROCESS } from '../../src/protocol/process-codec.ts';
import { type Channel, createProcessPorts } from '../../src/protocol/process-port.ts';
import { uncloneableError } from '../../src/protocol/uncloneable.ts';

/** One end of a channel between two processes that are one. */
class FakeChannel extends EventEmitter implements Channel {
  connected = true;
  other: FakeChannel | undefined;

  send(message: Buffer): boolean {
    this.other?.emit('message', message);
    return true;
  }

  disconnect(): void {
    for (const end of [this, this.other]) {
      if (end === undefined) continue;
      end.connected = false;
      end.emit('disconnect');
    }
  }
}

function channels(): [FakeChannel, FakeChannel] {
  const ends: [FakeChannel, FakeChannel] = [new FakeChannel(), new FakeChannel()];
  [ends[0].other, ends[1].other] = [ends[1], ends[0]];
  return ends;
}

describe('a message between processes', () => {
  it('R-2 is the structured clone that it is between threads: kinds, cycles, and each thing once', () => {
    const part = { n: 1 };
    const given: Record<string, unknown> = {
      part,
      again: part,
      map: new Map([[part, new Set(['x'])]]),
      big: 2n ** 70n,
      date: new Date(0),
      text: 'żółw',
      hole: undefined,
      view: new Float32Array([1.5]),
    };
    given['self'] = given;
    const back = decodeFromProcess(encodeForProcess(given)) as typeof given;
    expect(back).toEqual(given);
    expect([back['self'] === back, back['part'] === back['again']]).toEqual([true, true]);
    expect((back['view'] as Float32Array).buffer.byteLength).toBe(4);
  });

  it('R-2 takes instances of classes as their properties, as between threads', () => {
    class Point {
      readonly x = 1;
    }
    expect(decodeFromProcess(encodeForProcess([new Point(), new Error('told')]))).toEqual([{ x: 1 }, new Error('told')]);
  });

  it.each([
    ['a SharedArrayBuffer', () => new SharedArrayBuffer(4)],
    ['a Uint8Array', () => new Uint8Array(new SharedArrayBuffer(4))],
    ['a MessagePort', () => new MessageChannel().port1],
    ['a Blob', () => new Blob(['x'])],
    ['a BlockList', () => new BlockList()],
    ['a ReadableStream', () => new ReadableStream()],
    ['a URL', () => new URL('file:///x')],
    ['the function `named`', () => function named() {}],
  ])('R-2 refuses %s by its place', (kind, make) => {
    const value = make();
    const params = { deep: [value] };
    expect(TO_PROCESS.clones(params)).toBe(false);
    const { message } = uncloneableError('act', 'params', params, undefined, undefined, TO_PROCESS);
    expect(message).toContain(`Action act: \`params.deep[0]\` is ${kind}, which cannot be sent to another process; pass plain data`);
    if (value instanceof MessagePort) value.close();
  });
});

describe('the ports of a lane in a process', () => {
  it('keep their ways apart, and their order', () => {
    const [here, there] = channels();
    const host = createProcessPorts(here);
    const lane = createProcessPorts(there);
    const got: unknown[] = [];
    lane.port.on('message', (message) => got.push(['lane', message]));
    lane.services.on('message', (message) => got.push(['services', message]));
    return Promise.resolve().then(() => {
      host.port.postMessage([1]);
      host.services.postMessage([2]);
      host.port.postMessage([3]);
      here.emit('message', { id: 1, method: 'not ours' });
      expect(got).toEqual([
        ['lane', [1]],
        ['services', [2]],
        ['lane', [3]],
      ]);
    });
  });

  it('keep what came before anybody listened', async () => {
    const [here, there] = channels();
    const host = createProcessPorts(here);
    const lane = createProcessPorts(there);
    host.services.postMessage('early');
    const got: unknown[] = [];
    lane.services.on('message', (message) => got.push(message));
    await Promise.resolve();
    host.services.postMessage('later');
    expect(got).toEqual(['early', 'later']);
  });

  it('throw what does not clone, and send nothing of it', () => {
    const [here, there] = channels();
    const { port } = createProcessPorts(here);
    const got: unknown[] = [];
    there.on('message', (message) => got.push(message));
    expect(() => port.postMessage([() => {}])).toThrow('could not be cloned');
    expect(got).toEqual([]);
  });

  it('close with their channel, once, and say nothing more', () => {
    const [here, there] = channels();
    const { port, services } = createProcessPorts(here);
    const closed: string[] = [];
    port.once('close', () => closed.push('port'));
    services.once('close', () => closed.push('services'));
    there.disconnect();
    port.close();
    port.postMessage('late');
    expect(closed).toEqual(['port', 'services']);
  });

  it('hold the process, or let it go, as the lane asks', () => {
    const held: boolean[] = [];
    const { port } = createProcessPorts(channels()[0], (hold) => held.push(hold));
    port.ref();
    port.unref();
    expect(held).toEqual([true, false]);
  });
});
