import { createServer } from 'node:http';
import { createRuntime } from 'heddle';
import { countPrimes } from './count-primes.mjs';

// At most 16 requests wait for a thread; the next is told to come back.
const runtime = createRuntime({ queue: { limit: 16 } });

/** What each kind of failure is in HTTP; anything else is a 500. */
const STATUS = { validation_error: 400, overloaded: 503, timeout: 504 };

let draining = false;

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname !== '/primes') return answer(response, 200, { alive: true });

  // Nobody waits for the answer once the connection is gone.
  const gone = new AbortController();
  response.once('close', () => gone.abort('the client went away'));

  const below = Number(url.searchParams.get('below'));
  const outcome = await runtime.run(countPrimes, { below }, {}, { timeoutMs: 2000, maxRetries: 0, signal: gone.signal });
  if (outcome.ok) return answer(response, 200, outcome.value);
  const { type, message } = outcome.error;
  if (type === 'cancelled') return console.log(message);
  answer(response, type in STATUS ? STATUS[/** @type {keyof typeof STATUS} */ (type)] : 500, { type, message });
});

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {object} body
 */
function answer(response, status, body) {
  if (status === 503) response.setHeader('retry-after', 1);
  // A connection that is kept alive would hold the server open.
  if (draining) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : address}/primes?below=1000000`);
});

// What was accepted is answered; then nothing is left that keeps the process.
process.once('SIGTERM', () => {
  draining = true;
  server.close(() => void runtime.close());
  server.closeIdleConnections();
});
