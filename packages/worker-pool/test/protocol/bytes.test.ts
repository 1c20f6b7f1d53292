import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bytes, BytesPacker, BytesReader, bytesKind, NO_BYTES } from '../../src/protocol/bytes.ts';

const whole: fc.Arbitrary<readonly Bytes[]> = fc.oneof(
  fc.array(fc.uint8Array({ minLength: 1 })),
  fc.array(fc.int16Array({ minLength: 1 })),
  fc.array(fc.float32Array({ minLength: 1 })),
  fc.array(fc.float64Array({ minLength: 1 })),
  fc.array(fc.bigUint64Array({ minLength: 1 })),
  fc.array(fc.uint8ClampedArray({ minLength: 1 })),
  fc.array(fc.uint8Array({ minLength: 1 })).map((list) => list.map(({ buffer }) => buffer as ArrayBuffer)), // made here
);

describe('bytes behind one another', () => {
  it('come out as they went in, each with a buffer of its own, however much room was taken for them', () => {
    fc.assert(
      fc.property(whole, fc.nat(64), (list, capacity) => {
        const packer = new BytesPacker(bytesKind(list[0]), capacity);
        for (const value of list) packer.add(value);
        const reader = new BytesReader(packer.take());
        const read = list.map(() => reader.next());
        expect(read).toEqual(list);
        const buffers = read.map((value) => (value instanceof ArrayBuffer ? value : value.buffer));
        expect(new Set(buffers).size).toBe(list.length);
        for (const [index, buffer] of buffers.entries()) expect(buffer.byteLength).toBe(list[index]?.byteLength);
      }),
    );
  });

  it('are copied at once: what changes later does not arrive', () => {
    const packer = new BytesPacker(bytesKind(new Uint8Array(2)), 0);
    const value = Uint8Array.of(1, 2);
    packer.add(value);
    value.fill(9);
    expect(new BytesReader(packer.take()).next()).toEqual(Uint8Array.of(1, 2));
  });

  class Own extends Uint8Array {}
  const moved = new Uint8Array(4);
  structuredClone(moved, { transfer: [moved.buffer] });
  // Not in the types of Node 20.
  const resizable = new (ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer)(4, { maxByteLength: 8 });

  it.each<[string, unknown]>([
    ['a part of a buffer', new Uint8Array(8).subarray(2, 4)],
    ['the beginning of a buffer', new Uint8Array(new ArrayBuffer(8), 0, 4)],
    ['shared memory', new Uint8Array(new SharedArrayBuffer(4))],
    ['bare shared memory', new SharedArrayBuffer(4)],
    ['what was moved away', moved],
    ['what can grow', new Uint8Array(resizable)],
    ['a buffer that can grow', resizable],
    ['nothing', new Uint8Array(0)],
    ['a class of its own', new Own(4)],
    ['a Buffer', Buffer.from('abc')],
    ['a view that is no array', new DataView(new ArrayBuffer(4))],
    ['an object', { byteLength: 4 }],
    ['null', null],
    ['text', 'abcd'],
  ])('leave alone what a clone treats by rules of its own: %s', (_, value) => {
    expect(bytesKind(value)).toBe(NO_BYTES);
  });
});
