import { leavesChildren, raises } from '../../work/mischief/family-action.ts';
import { exits } from '../../work/mischief/fault-action.ts';
import { adds, failsAlways } from '../../work/mischief/plain-action.ts';
import type { Stage } from '../stage.ts';
import type { Part } from './part.ts';

/** Tasks that start tasks, and tasks in a row or a graph. */
export const COMPOSED_PARTS: readonly Part[] = [
  { name: 'families', weight: 4, run: (stage) => families(stage) },
  { name: 'children left behind', weight: 2, run: (stage) => leavesBehind(stage) },
  { name: 'chains', weight: 3, run: (stage) => chains(stage) },
  { name: 'plans', weight: 3, run: (stage) => plans(stage) },
];

async function families(stage: Stage): Promise<void> {
  const { random, runtime } = stage;
  const depth = random.whole(1, 3);
  const width = random.whole(1, 3);
  const fault = random.pick(['none', 'none', 'fails', 'exits'] as const);
  // A parent waits on a lane where others run meanwhile, and may be lost with one of them.
  const outcome = await stage.starts('family', ['ok', 'worker_lost'], () =>
    runtime.start(raises, { depth, width, fault }, {}, stage.options({ maxRetries: 1, backoffMs: 1, ...stage.place.families })),
  );
  if (outcome?.ok && fault === 'none' && !stage.place.closing && !stage.place.limited && !stage.place.shared)
    stage.check(Number(outcome.value) <= width ** depth, `${outcome.value} of ${width ** depth} children have ended well`);
}

function leavesBehind(stage: Stage): Promise<unknown> {
  const { random, runtime } = stage;
  const fails = random.chance(0.3);
  return stage.starts('children left behind', [fails ? 'execution_error' : 'ok', 'worker_lost'], () =>
    runtime.start(leavesChildren, { ms: random.whole(0, 10), fails }, {}, stage.options({ maxRetries: 0, ...stage.place.families })),
  );
}

async function chains(stage: Stage): Promise<void> {
  const { random, runtime } = stage;
  const length = random.whole(1, 5);
  const fault = random.pick([undefined, undefined, failsAlways, exits]);
  const good = Array.from({ length }, () => adds);
  const expected = fault === undefined ? 'ok' : fault === exits ? 'worker_lost' : 'execution_error';
  const options = { maxRetries: 0 };
  const outcome = await stage.settles('chain', [expected], () =>
    fault === exits
      ? runtime.chain([...good, [exits, { later: false }]], { total: 0 }, {}, options)
      : runtime.chain(fault === undefined ? good : [...good, failsAlways], { total: 0 }, {}, options),
  );
  // As the action says.
  if (outcome?.ok) stage.check((outcome.value as { total: number }).total === length, 'a chain did not add up');
}

async function plans(stage: Stage): Promise<void> {
  const { random, runtime } = stage;
  const fails = random.chance(0.3);
  await stage.settles('plan', [fails ? 'execution_error' : 'ok'], () =>
    runtime.plan<Record<'first' | 'left' | 'right' | 'last', { readonly total: number }>>(
      {
        first: { action: adds, params: { total: 1 } },
        left: { action: adds, needs: ['first'], params: ({ first }) => ({ total: first.total }) },
        right: { action: fails ? failsAlways : adds, needs: ['first'], params: {} },
        last: { action: adds, needs: ['left', 'right'], params: ({ left, right }) => ({ total: left.total + right.total }) },
      },
      {},
      { maxRetries: 0 },
    ),
  );
}
