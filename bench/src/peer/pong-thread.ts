import { parentPort, workerData } from 'node:worker_threads';
import { expose } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { echoing } from '../work/echo.ts';
import type { PongBatch, PongMode } from './pong.ts';

// Generators driven by hand-written messages. Each mode is what somebody would write who needs that alone.
const mode = workerData as PongMode; // written by `openThread`
if (parentPort === null) throw new Error('this is the file of a thread');
const port = parentPort;

switch (mode) {
  case 'port': {
    const generator = echoing();
    generator.next();
    port.on('message', (value: unknown) => port.postMessage(generator.next(value).value));
    break;
  }
  case 'batched': {
    const generators = new Map<number, Generator<unknown, number>>();
    port.on('message', ({ ids, values }: PongBatch) => {
      const answers = ids.map((id, index) => {
        const generator = generators.get(id) ?? echoing();
        if (!generators.has(id)) {
          generators.set(id, generator);
          generator.next();
        }
        return generator.next(values[index]).value;
      });
      port.postMessage({ ids, values: answers } satisfies PongBatch);
    });
    break;
  }
  case 'comlink':
    // What yields to the host by hand: calls a function of the host's, and waits for the answer.
    expose(
      {
        async loop(ask: (value: unknown) => Promise<unknown>, first: unknown, count: number): Promise<void> {
          let given = first;
          for (let round = 0; round < count; round++) given = await ask(given);
        },
      },
      nodeEndpoint(port),
    );
    break;
}
port.postMessage('up');
