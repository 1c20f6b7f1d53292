import type { TaskDetails } from '../src/wire.ts';

/** Asks for something to be done; rejects with what the server says against it. */
export async function post(path: string, body: unknown): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return await answerOf(response);
}

/** What is known of a task; `undefined` when nothing is. */
export async function getTask(id: string): Promise<TaskDetails | undefined> {
  const response = await fetch(`tasks/${encodeURIComponent(id)}`);
  if (response.status === 404) return undefined;
  return (await answerOf(response)) as unknown as TaskDetails; // what the server makes
}

async function answerOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const body = (await response.json().catch(() => ({}))) as Readonly<Record<string, unknown>>; // the server answers with objects
  if (response.ok) return body;
  throw new Error(typeof body['error'] === 'string' ? body['error'] : `the server answered ${response.status}`);
}
