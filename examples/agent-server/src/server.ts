import { createServer, type Server, type ServerResponse } from 'node:http';
import { completion, type Runtime } from 'heddle';
import { order } from './order.ts';

/** Answers `GET /?items=a,b` when the order is packed, or that it takes longer than a caller should wait. */
export function createOrderServer(runtime: Runtime, patienceMs: number): Server {
  return createServer((request, response) => {
    const items = new URL(request.url ?? '/', 'http://localhost').searchParams.get('items') ?? '';
    // A request that fails is answered below; this never rejects.
    void pack(runtime, items.split(',').filter(Boolean), patienceMs, response);
  });
}

async function pack(runtime: Runtime, items: string[], patienceMs: number, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const agent = runtime.startAgent(order, { items }, { timeoutMs: 120_000 });
  agent.send('pack');
  const done = await completion(agent, patienceMs, { signal: gone.signal });
  if (done.ok && done.value.status === 'completed') answer(response, 200, done.value.result);
  else if (done.ok) answer(response, 409, { failed: done.value.result });
  else answer(response, done.error.type === 'timeout' ? 504 : 500, { error: done.error.type, queueLength: agent.queueLength });
  await runtime.cancel(agent, 'answered');
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
