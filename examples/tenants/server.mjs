import { createServer } from 'node:http';
import { createRuntime, unwrap } from 'heddle';
import { countPrimes } from './count-primes.mjs';

// A thread and a queue for each tenant: whoever floods the server holds up nobody else.
const runtime = createRuntime({ threads: { max: 1 }, queue: { limit: 16 }, defaults: { timeoutMs: 10_000, maxRetries: 0 } });
for (const tenant of ['acme', 'globex']) runtime.instance(tenant, {});

/** What each kind of failure is in HTTP; anything else is a 500. */
const STATUS = { invalid_input: 400, validation_error: 400, not_found: 404, overloaded: 503, timeout: 504 };

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const limits = url.searchParams.getAll('below').map(Number);
  // All that the request starts. What of it is open ends with the response: answered, refused or given up.
  const scope = runtime.scope({ name: url.pathname });
  response.once('close', async () => {
    const left = scope.open;
    await scope.dispose('its request is over');
    if (left > 0) console.log(`${scope.name}: ${left} ended early`);
  });
  try {
    const instance = url.pathname.slice(1);
    const values = await Promise.all(limits.map(async (below) => unwrap(await scope.run(countPrimes, { below }, {}, { instance }))));
    answer(response, 200, values);
  } catch (error) {
    const { type = 'internal_error', message } = /** @type {{ type?: string, message: string }} */ (error);
    answer(response, type in STATUS ? STATUS[/** @type {keyof typeof STATUS} */ (type)] : 500, { type, message });
  }
});

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {object} body
 */
function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : address}/acme?below=1000&below=1000000`);
});

process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  // The tenants' instances close with it.
  void runtime.close();
});
