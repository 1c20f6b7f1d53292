import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OUTPUT_PROPAGATOR } from '../../src/protocol/output.ts';
import * as fixture from '../fixtures/propagated.ts';
import { shared } from '../support/gate.ts';
import { ServedHost } from '../support/served-lane.ts';

const { module } = fixture.requestContext;
const settings = (name: string): { module: string; name: string; strict: boolean } => ({ module, name, strict: false });

let host: ServedHost;

beforeEach(() => {
  host = new ServedHost({ propagators: [settings('requestContext'), settings('failsToAttach')] });
  shared().uncaught = (thrown) => host.lane.uncaught(thrown);
});

afterEach(() => host.close());

/** A context as the host sends it, with what is carried. */
const carrying = (id: string, context?: object): { context: unknown } => ({ context: [context, [{ id }]] });

describe('the async context of an attempt', () => {
  it('R-10 is made from the lane\u2019s own, not from the error handler in which the task begins', async () => {
    const first = host.task(fixture.failsInTimer, {}, carrying('one'));
    const second = host.task(fixture.sees);
    host.send(first, second);
    expect(await host.outcome(first)).toMatchObject({ ok: false, error: { cause: { message: 'uncaught of one' } } });
    expect(await host.outcome(second)).toMatchObject({ ok: true, value: { seen: undefined } });
  });

  it('R-10 shows the action the caller\u2019s context, not the pair that crossed', async () => {
    expect(await host.run(fixture.seesContext, {}, carrying('one', { userId: 7 }))).toMatchObject({ value: { userId: 7 } });
    expect(await host.run(fixture.seesContext, {}, carrying('one'))).toMatchObject({ value: {} });
    expect(await host.run(fixture.seesContext, {}, { context: { userId: 8 } })).toMatchObject({ value: { userId: 8 } });
  });

  it('R-10 tells the host once what failed, where something was to be attached', async () => {
    await host.run(fixture.sees, {}, carrying('one'));
    expect(host.outputs.filter(([kind]) => kind === OUTPUT_PROPAGATOR)).toEqual([]);
    await host.run(fixture.sees, {}, { context: [undefined, [{ id: 'two' }, 1]] });
    await host.run(fixture.sees, {}, { context: [undefined, [{ id: 'three' }, 1]] });
    const [told, ...more] = host.outputs.filter(([kind]) => kind === OUTPUT_PROPAGATOR);
    expect(more).toEqual([]);
    expect(told).toMatchObject([
      OUTPUT_PROPAGATOR,
      'failsToAttach',
      'attach',
      { message: 'Propagator failsToAttach threw in `attach`: no hold' },
    ]);
  });
});
