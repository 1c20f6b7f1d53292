import { once } from 'node:events';
import { createRuntime } from 'heddle';
import { createOrderServer } from './server.ts';

const runtime = createRuntime();
const server = createOrderServer(runtime, 2_000);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

for (const items of ['tea,cup', 'sold out', 'piano']) {
  const response = await fetch(`http://127.0.0.1:${port}/?items=${encodeURIComponent(items)}`);
  console.log(response.status, await response.text());
}

server.close();
server.closeAllConnections();
await runtime.close();
