import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { transferFault } from '../../src/protocol/transfer-fault.ts';

describe('what is wrong with a transfer list', () => {
  it('R-3 is nothing where each object is there once, an empty buffer among them', () => {
    const { port1, port2 } = new MessageChannel();
    expect(transferFault('a', [new ArrayBuffer(8), new ArrayBuffer(0), port1])).toBeUndefined();
    port1.close();
    port2.close();
  });

  it('R-3 is a buffer that was moved away before', () => {
    const gone = new ArrayBuffer(8);
    structuredClone(gone, { transfer: [gone] });
    expect(transferFault('a', [new ArrayBuffer(8), gone])).toMatchObject({
      type: 'uncloneable',
      message: expect.stringMatching(/^Action a: `transfer\[1\]` was transferred before and is empty now/),
      details: { action: 'a', path: 'transfer[1]' },
    });
  });

  it('R-3 is an object that stands in it twice', () => {
    const twice = new ArrayBuffer(8);
    expect(transferFault('a', [twice, twice])?.message).toMatch(/`transfer\[1\]` stands in it twice/);
  });
});
