import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INPUT_TASKS, type TaskInput } from '../../src/protocol/input.ts';
import { RowReader, RowWriter } from '../../src/protocol/row.ts';
import { TaskBatch, TaskCursor } from '../../src/protocol/task-batch.ts';
import { tasksIn } from '../support/tasks-in.ts';

const task: TaskInput = {
  action: 1,
  slot: 3,
  generation: 7,
  task: 9,
  attempt: 1,
  timeoutMs: 5000,
  deadlineMs: Number.POSITIVE_INFINITY,
  params: { a: 1 },
  context: undefined,
};

/** A writer and a reader of rows that know each other. */
function rowEnds(): { writer: RowWriter; reader: RowReader } {
  const reader = new RowReader();
  let shapes = 0;
  const writer = new RowWriter((keys) => {
    reader.learn(shapes, keys);
    return shapes++;
  });
  return { writer, reader };
}

describe('a batch of tasks', () => {
  it('says what its tasks have in common once', () => {
    const batch = new TaskBatch();
    batch.add(task, undefined);
    const alone = batch.message.length;
    batch.add({ ...task, slot: 4, task: '9/1', params: 'text' }, undefined);
    expect(batch.message.length - alone).toBe(4);
    expect(batch.message[1]).toBe(2);
  });

  it('gives its tasks back as they were, in their order', () => {
    const few = (...values: readonly unknown[]) => fc.constantFrom(...values);
    const shared = { user: 7 };
    const input = fc.record({
      action: few(0, 1),
      slot: fc.nat(1023),
      generation: fc.nat(),
      task: fc.oneof(fc.nat(), fc.constant('5/tag')),
      attempt: few(1, 1, 2),
      timeoutMs: few(5000, Number.POSITIVE_INFINITY),
      deadlineMs: few(Number.POSITIVE_INFINITY, 12.5),
      params: fc.oneof(
        fc.record({ a: fc.integer(), b: fc.string() }),
        fc.record({ c: fc.integer() }),
        fc.anything(),
        few({ a: {} }, undefined),
      ),
      context: few(undefined, undefined, shared, { user: 8 }),
    }) as fc.Arbitrary<TaskInput>;
    const { writer, reader } = rowEnds();
    const batch = new TaskBatch();
    fc.assert(
      fc.property(fc.array(input, { maxLength: 20 }), (tasks) => {
        batch.clear();
        for (const each of tasks) batch.add(each, writer);
        expect(tasksIn(structuredClone(batch.message), reader)).toStrictEqual(structuredClone(tasks));
      }),
    );
  });

  it('lets go of what it has sent', () => {
    const batch = new TaskBatch();
    const { message } = batch;
    batch.add(task, undefined);
    expect(batch.message).toContain(task.params);
    batch.clear();
    expect(message).not.toContain(task.params);
    expect(batch.message).toEqual([INPUT_TASKS, 0]);
  });

  it('knows which params are the task’s own, and whether it has company', () => {
    const { writer, reader } = rowEnds();
    for (let time = 0; time < 8; time++) writer.read(task.params);
    const batch = new TaskBatch();
    const cursor = new TaskCursor(reader);
    batch.add(task, writer);
    cursor.open(batch.message);
    expect([cursor.slot(), cursor.isRow, cursor.together]).toEqual([3, true, false]);
    batch.add({ ...task, params: { a: {} } }, writer);
    cursor.open(batch.message);
    expect([cursor.slot(), cursor.isRow, cursor.together]).toEqual([3, true, true]);
    cursor.pass();
    expect([cursor.slot(), cursor.isRow]).toEqual([3, false]);
    cursor.pass();
    expect(cursor.more).toBe(false);
  });
});
