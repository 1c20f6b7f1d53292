import type { Work } from '../work/work.ts';

/** What the thread of a peer is told at its start. */
export interface ThreadData {
  readonly file: string;
  readonly name: string;
  /** The params and the value are moved, not copied. */
  readonly moves: boolean;
}

/** Runs a piece of work in its thread. */
export type Run = (params: unknown) => unknown;

/** What to tell a thread. */
export function threadDataOf<P, V>({ file, name, moving }: Work<P, V>): ThreadData {
  return { file, name, moves: moving !== undefined };
}

/** In a thread: the function that is measured, out of the file that all peers load. */
export async function loadRun({ file, name }: Pick<ThreadData, 'file' | 'name'>): Promise<Run> {
  const { [name]: run } = (await import(file)) as Readonly<Record<string, Run>>; // a file of `../work/`, checked below
  if (run === undefined) throw new Error(`${file} exports no ${name}`);
  return run;
}
