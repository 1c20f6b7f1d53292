import { HeddleError } from '@heddle/core';
import type { OwnerNode } from './owner-node.ts';
import type { Task } from './task.ts';

/** What the rules of ownership need to know of the runtime that a task runs on. */
export interface OwnedBy {
  /** The runtime, as an owner. */
  readonly node: OwnerNode;
  /** Whether anybody in the process may await and cancel its tasks. */
  readonly shared: boolean;
}

/** Who owns a task: the scope that started it, else its runtime. One with `link: false` goes to its runtime when its scope ends. */
export function ownerOf({ owner, options }: Task, { node }: OwnedBy): OwnerNode {
  return owner === undefined || (owner.disposed && !options.link) ? node : owner;
}

/**
 * Why somebody may not await or cancel a task, if so. Its owner may, those above the owner, and the runtime that it runs on.
 * Source: SEMANTICS E-5.
 */
export function ownershipRefusal(actor: OwnerNode, task: Task, host: OwnedBy): HeddleError | undefined {
  if (host.shared || actor === host.node) return undefined;
  const owner = ownerOf(task, host);
  if (actor.holds(owner)) return undefined;
  const whose = owner.parent === undefined ? `runtime ${owner.name}` : `scope ${owner.name} of runtime ${owner.root.name}`;
  return new HeddleError('not_owner', `Only the owner of a task may await or cancel it: it belongs to ${whose}`, {
    details: { owner: owner.name, actor: actor.name },
  });
}
