import type { TaskInput } from '../../src/protocol/input.ts';
import type { RowReader } from '../../src/protocol/row.ts';
import { TaskCursor } from '../../src/protocol/task-batch.ts';

/** The tasks of a message. */
export function tasksIn(message: readonly unknown[], rows: RowReader): TaskInput[] {
  const cursor = new TaskCursor(rows);
  const tasks: TaskInput[] = [];
  for (cursor.open(message); cursor.more; cursor.pass()) {
    cursor.slot();
    tasks.push(cursor.take());
  }
  return tasks;
}
