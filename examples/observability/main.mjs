import { actionRoute, heddle } from '@heddle/fastify';
import { collectMetrics } from '@heddle/prometheus';
import { fastify } from 'fastify';
import { register } from 'prom-client';
import { price } from './price.mjs';
import { telemetry, traceRequests, treeOf } from './tracing.mjs';

const app = fastify();
traceRequests(app);
await app.register(heddle, { name: 'shop', propagators: [telemetry.propagator] });
telemetry.observe(app.heddle);
const metrics = collectMetrics(app.heddle);
app.addHook('onClose', async () => {
  metrics.end();
  telemetry.close();
});

app.route(actionRoute(price, { method: 'POST', url: '/price' }));

app.get('/metrics', async (_request, reply) => reply.type(register.contentType).send(await register.metrics()));

// For people who look into it: one trace, one task, all lanes. Not for everybody.
app.get('/traces/:id', async (request) => treeOf(/** @type {{ id: string }} */ (request.params).id));
app.get('/tasks/:id', async (request) => app.heddle.explain(/** @type {{ id: string }} */ (request.params).id) ?? { state: 'unknown' });
app.get('/lanes', async () => app.heddle.lanes());

console.log(await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' }));
