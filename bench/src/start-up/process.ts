import { orderAt } from '../work/order.ts';

/** What a fresh process tells of its first result. Milliseconds. */
export interface FirstResult {
  /** From the start of the process. */
  readonly firstMs: number;
  /** CPU time of all its threads until then. */
  readonly cpuMs: number;
}

/** Each loads what it needs and nothing else, as a program of its own would. */
const FIRST_CALLS: Readonly<Record<string, () => Promise<number>>> = {
  async piscina() {
    const { Piscina } = await import('piscina');
    const pool = new Piscina({ minThreads: 1, maxThreads: 1 });
    const value: unknown = await pool.run(orderAt(1), { filename: new URL('../work/order.js', import.meta.url).href, name: 'priceOrder' });
    return totalOf(value);
  },
  async piscinaChecked() {
    const { Piscina } = await import('piscina');
    const { checkOrder } = await import('./check-order.ts');
    const pool = new Piscina({ minThreads: 1, maxThreads: 1 });
    checkOrder(orderAt(1));
    const filename = new URL('./check-order.js', import.meta.url).href;
    const value: unknown = await pool.run(orderAt(1), { filename, name: 'priceCheckedByHand' });
    return totalOf(value);
  },
  async heddle() {
    const { createRuntime } = await import('@heddle/worker-pool');
    const { firstPlain } = await import('./plain-action.ts');
    const outcome = await createRuntime({ threads: { max: 1 } }).run(firstPlain, orderAt(1));
    if (!outcome.ok) throw outcome.error;
    return outcome.value.total;
  },
  async heddleChecked() {
    const { createRuntime } = await import('@heddle/worker-pool');
    const { priceOrderChecked } = await import('../work/order-action.ts');
    const outcome = await createRuntime({ threads: { max: 1 } }).run(priceOrderChecked, orderAt(1));
    if (!outcome.ok) throw outcome.error;
    return outcome.value.total;
  },
  async heddleTyped() {
    const { createRuntime } = await import('@heddle/worker-pool');
    const runtime = createRuntime({ threads: { max: 1 } });
    const actions = await runtime.register(new URL('../../src/start-up/typed-action.ts', import.meta.url));
    const action = actions.get('firstTyped');
    if (action?.kind !== 'plain') throw new Error('There is no action `firstTyped`');
    const outcome = await runtime.run(action, orderAt(1) as never); // found by name, its types are unknown here
    if (!outcome.ok) throw outcome.error;
    return totalOf(outcome.value);
  },
  async heddleReady() {
    const { createRuntime } = await import('@heddle/worker-pool');
    const { firstPlain } = await import('./plain-action.ts');
    const runtime = createRuntime({ threads: { max: 1 } });
    await runtime.ready();
    readyMs = performance.now();
    const outcome = await runtime.run(firstPlain, orderAt(1));
    if (!outcome.ok) throw outcome.error;
    return outcome.value.total;
  },
};

/** Where only what comes after counts. */
let readyMs = 0;

const [name = ''] = process.argv.slice(2);
const call = FIRST_CALLS[name];
if (call === undefined) throw new Error(`There is no first call ${name}`);
const total = await call();
const firstMs = performance.now() - readyMs;
const { user, system } = process.cpuUsage();
const { price, quantity } = orderAt(1);
if (Math.abs(total - price * quantity) > 1e-6) throw new Error(`The first result is wrong: ${total}`);
process.stdout.write(JSON.stringify({ firstMs, cpuMs: (user + system) / 1000 } satisfies FirstResult));
process.exit(0);

function totalOf(value: unknown): number {
  return (value as { total: number }).total; // checked below against what it must be
}
