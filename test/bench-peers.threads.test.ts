import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Driven, drive } from '../bench/dist/measure/drive.js';
import { BASELINE, PEERS } from '../bench/dist/peer/all.js';
import type { Need, OpenPeer, Peer } from '../bench/dist/peer/peer.js';
import { versionOf } from '../bench/dist/peer/version.js';
import { fieldOf } from '../bench/dist/scenario/line-up.js';
import { basketOf } from '../bench/dist/work/basket.js';
import { basketWork } from '../bench/dist/work/basket-work.js';
import { bufferWork } from '../bench/dist/work/buffer-work.js';
import { nothingWork } from '../bench/dist/work/nothing-work.js';
import { orderAt } from '../bench/dist/work/order.js';
import { orderWork } from '../bench/dist/work/order-work.js';
import type { Work } from '../bench/dist/work/work.js';

const able = (...needs: Need[]): readonly Peer[] => fieldOf({ peers: [] }, needs).peers;

/** Makes calls of one thread; every answer is checked. */
async function driveOne<P, V>(peer: Peer, work: Work<P, V>, params: readonly P[]): Promise<void> {
  const open = await peer.open(work, 1);
  try {
    await drive({ peer: open, work, params, returned: [] }, 12, 4);
  } finally {
    await open.close();
  }
}

describe('each peer of the benchmarks', () => {
  it.each(able('calls'))('$name answers calls of one and of many objects, and of none', async (peer) => {
    await driveOne(peer, orderWork, [orderAt(1), orderAt(2)]);
    await driveOne(peer, basketWork, [basketOf(3)]);
    await driveOne(peer, nothingWork, [{}]);
  });

  it.each(able('calls', 'transfer'))('$name takes what is moved to it, and gives it back counted up', async (peer) => {
    const open = await peer.open(bufferWork, 1);
    try {
      const bytes = new ArrayBuffer(64);
      const value = open.valueOf(await open.run(bytes));
      expect(bytes.byteLength).toBe(0);
      expect(new Uint32Array(value)[0]).toBe(1);
      expect(value.byteLength).toBe(64);
    } finally {
      await open.close();
    }
  });

  it('tells its version, as it is installed', () => {
    for (const { package: name } of PEERS) if (name !== undefined) expect(versionOf(name)).toMatch(/^\d+\.\d+\.\d+/);
    const { version } = JSON.parse(readFileSync(new URL('../packages/worker-pool/package.json', import.meta.url), 'utf8'));
    expect(versionOf('@heddle/worker-pool')).toBe(version);
  });
});

describe('the field of a scenario', () => {
  const all: readonly Peer[] = [
    BASELINE,
    { ...BASELINE, name: 'small', unsupported: { threads: 'has one thread' } },
    { ...BASELINE, name: 'odd', remarks: { calls: 'copies twice' } },
  ];

  it('is who was picked, and the baseline', () => {
    expect(fieldOf({ peers: ['odd'] }, ['calls'], all).peers.map(({ name }) => name)).toEqual([BASELINE.name, 'odd']);
    expect(fieldOf({ peers: [] }, ['calls'], all).peers).toHaveLength(3);
  });

  it('says who is missing and who does something else, and why', () => {
    const { peers, notes } = fieldOf({ peers: [] }, ['calls', 'threads'], all);
    expect(peers.map(({ name }) => name)).toEqual([BASELINE.name, 'odd']);
    expect(notes).toEqual(['`small` is not here: it has one thread.', '`odd` copies twice.']);
  });

  it('leaves out where it needs what a peer does not have', () => {
    expect(able('calls', 'transfer').map(({ name }) => name)).not.toContain('inline');
    expect(able('calls', 'threads').map(({ name }) => name)).not.toContain('comlink-one-worker');
    expect(able('calls', 'crowd').map(({ name }) => name)).not.toContain('threads.js');
  });
});

describe('driving a peer', () => {
  const wrong: OpenPeer<object, number> = { run: async () => 2, valueOf: () => 2, async close() {} };

  it('ends with an error at a wrong answer', async () => {
    const driven: Driven<object, number> = { peer: wrong, work: nothingWork, params: [{}] };
    await expect(drive(driven, 1, 1)).rejects.toThrow('answerOne: a peer gave a wrong answer: 2');
  });

  it('ends with an error at a wrong answer to what was moved', async () => {
    const peer: OpenPeer<ArrayBuffer, ArrayBuffer> = { run: async (bytes) => bytes, valueOf: () => new ArrayBuffer(8), async close() {} };
    await expect(drive({ peer, work: bufferWork, params: [new ArrayBuffer(8)] }, 1, 1)).rejects.toThrow(
      'countUp: a peer gave a wrong answer',
    );
  });

  it('sends what comes back again, instead of making more of it', async () => {
    const seen = new Set<ArrayBuffer>();
    const peer: OpenPeer<ArrayBuffer, ArrayBuffer> = {
      async run(bytes) {
        seen.add(bytes);
        new Uint32Array(bytes)[0] = (new Uint32Array(bytes)[0] ?? 0) + 1;
        return bytes;
      },
      valueOf: (settled) => settled as ArrayBuffer, // what `run` gave
      async close() {},
    };
    const returned: ArrayBuffer[] = [];
    const driven = { peer, work: bufferWork, params: [new ArrayBuffer(8)], returned };
    await drive(driven, 10, 2);
    await drive(driven, 10, 2);
    expect(seen.size).toBe(2);
    expect(new Set(returned)).toEqual(seen);
    expect(returned.map((bytes) => new Uint32Array(bytes)[0] ?? 0).reduce((one, other) => one + other)).toBe(20);
  });
});
