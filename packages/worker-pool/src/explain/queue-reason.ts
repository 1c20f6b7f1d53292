import type { Dispatcher } from '../dispatcher.ts';
import { packOf } from '../pack/pack.ts';
import type { Task } from '../task.ts';
import { counted } from './view.ts';

/** How many tasks go before one that waits at the host, each item of a pack for itself. Looks at all that wait before it. */
export function aheadAtHost(task: Task, { scheduler }: Dispatcher): number {
  let ahead = 0;
  for (const other of scheduler.waiting) {
    if (other === task) break;
    if (other.home !== task.home || other.isolate !== task.isolate) continue;
    const pack = packOf(other);
    ahead += pack === undefined ? 1 : pack.end - pack.reported;
  }
  return ahead;
}

/** What stands in the way of a task that waits at the host, in words. */
export function hostReason(task: Task, ahead: number, dispatcher: Dispatcher): string {
  const { lanes, idle, opening, stuck, maxLanes } = dispatcher.scheduler;
  const before = ahead === 0 ? 'it is next' : `${counted(ahead, 'task')} ${ahead === 1 ? 'is' : 'are'} before it`;
  const facts = [task.isolate ? `it wants a fresh lane for itself (\`isolate\`), and there ${before}` : before];
  if (stuck) facts.push('every thread is stuck in native code, and `zombieLimit` allows no more');
  else if (lanes > 0) facts.push(`${lanes - idle} of ${counted(lanes, 'lane')} ${lanes - idle === 1 ? 'runs' : 'run'} others`);
  if (opening > 0) facts.push(`${counted(opening, 'lane')} ${opening === 1 ? 'is' : 'are'} being opened`);
  else if (lanes === 0 && !stuck) facts.push(`no lane is open: ${noLane(maxLanes)}`);
  const ending = [...dispatcher.keeper.kept()].filter(({ condition }) => condition === 'ending').length;
  if (ending > 0) facts.push(`${counted(ending, 'lane')} ${ending === 1 ? 'is' : 'are'} being replaced`);
  return facts.join('; ');
}

function noLane(maxLanes: number): string {
  return maxLanes === 0 ? 'none may be' : 'the last one could not be, and is tried again within a second';
}

/** What stands in the way of a task that waits on a lane. */
export function laneReason(threadId: number, ahead: number, running: readonly { readonly action: string }[]): string {
  const before =
    ahead === 0 ? 'it is next there' : `${counted(ahead, 'task')} sent there before it ${ahead === 1 ? 'has' : 'have'} not begun`;
  const [first, ...others] = running;
  if (first === undefined) return `it was sent to lane ${threadId}, which has not begun it; ${before}`;
  const more = others.length === 0 ? '' : ` and ${counted(others.length, 'other')}`;
  return `lane ${threadId} runs \`${first.action}\`${more}; ${before}`;
}
