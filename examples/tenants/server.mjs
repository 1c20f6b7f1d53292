import { createServer } from 'node:http';
import { createRuntime, unwrap } from 'heddle';
import { countPrimes } from './count-primes.mjs';

/** Who may ask, and what each may use beyond what everybody may. */
const CUSTOMERS = new Map([
  ['acme', { weight: 3 }],
  ['globex', {}],
  ['hooli', { ratePerSecond: 0.01, burst: 1 }],
]);

// One thread more than any customer may have: whoever floods the server holds up nobody else.
const runtime = createRuntime({
  threads: { min: 2, max: 2 },
  tenants: { concurrency: 1, queueLimit: 16, perKey: (tenant) => CUSTOMERS.get(tenant) },
  defaults: { timeoutMs: 10_000, maxRetries: 0 },
});

/** What each kind of failure is in HTTP; anything else is a 500. */
const STATUS = { invalid_input: 400, validation_error: 400, overloaded: 429, timeout: 504 };

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const tenant = url.pathname.slice(1);
  if (!CUSTOMERS.has(tenant)) return answer(response, 404, { message: `there is no customer ${tenant}` });
  const limits = url.searchParams.getAll('below').map(Number);
  // All that the request starts, for its customer. What of it is open ends with the response: answered, refused or given up.
  const scope = runtime.scope({ name: url.pathname, tenant });
  response.once('close', async () => {
    const left = scope.open;
    await scope.dispose('its request is over');
    if (left > 0) console.log(`${scope.name}: ${left} ended early`);
  });
  try {
    const values = await Promise.all(limits.map(async (below) => unwrap(await scope.run(countPrimes, { below }))));
    answer(response, 200, values);
  } catch (error) {
    const { type, message, details } = /** @type {import('heddle').HeddleError} */ (error);
    const { retryAfterMs } = details ?? {};
    if (type === 'overloaded') response.setHeader('retry-after', Math.ceil(Number(retryAfterMs ?? 1000) / 1000));
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
  void runtime.close();
});
