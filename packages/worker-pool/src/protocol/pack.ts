import type { Frame } from '../pack/frame.ts';
import { type Bytes, BytesPacker, BytesReader, bytesKind, NO_BYTES, type PackedBytes } from './bytes.ts';
import { INPUT_PACK, type TaskInput } from './input.ts';
import type { OUTPUT_PACK } from './output.ts';

/** How the params of a pack cross: numbers in its frame, bytes behind one another in a buffer that is moved, anything else in a list. */
const FORM_NUMBERS = 0;
const FORM_BYTES = 1;
const FORM_VALUES = 2;

/** Items of one action that cross in one message. They begin one after the other, each claimed by itself in the frame. */
export type PackInput = readonly [
  kind: typeof INPUT_PACK,
  action: number,
  slot: number,
  generation: number,
  /** The number of the first item's task; those of the others follow. */
  task: number,
  timeoutMs: number,
  count: number,
  /** The lane's own number of the frame: it keeps what it has been shown. */
  frame: number,
  memory: SharedArrayBuffer,
  form: number,
  params: unknown,
  context: unknown,
  /** Names it in what the lane tells of it. */
  pack: number,
];

/** More of the pack follows; nothing does; the item after those told goes on as a task of its own, and those behind it are given back. */
export const PACK_MORE = 0;
export const PACK_DONE = 1;
export const PACK_LEFT = 2;

/** How items ended, as far as the frame does not say. `upTo` = the first item that this does not tell of. */
export type PackOutput = readonly [
  kind: typeof OUTPUT_PACK,
  pack: number,
  state: typeof PACK_MORE | typeof PACK_DONE | typeof PACK_LEFT,
  upTo: number,
  values: readonly unknown[],
  bytes: PackedBytes | undefined,
  /** Form and payload of each, as in an outcome. */
  exceptions: readonly unknown[],
];

/** What the host knows of a pack that is being sent. */
export interface PackHead {
  readonly action: number;
  readonly slot: number;
  readonly generation: number;
  readonly task: number;
  readonly timeoutMs: number;
  readonly frame: number;
  readonly context: unknown;
  readonly pack: number;
}

/** The message of a pack, its params copied where that is cheap; and what of it is to be moved. */
export function encodePack(head: PackHead, params: readonly unknown[], frame: Frame): readonly [PackInput, ArrayBuffer[]] {
  frame.open(params.length);
  const [form, sent] = encodeParams(params, frame);
  const { action, slot, generation, task, timeoutMs, context } = head;
  const message = [
    INPUT_PACK,
    action,
    slot,
    generation,
    task,
    timeoutMs,
    params.length,
    head.frame,
    frame.memory,
    form,
    sent,
    context,
    head.pack,
  ] as const;
  return [message, form === FORM_BYTES ? [(sent as PackedBytes)[2]] : []]; // as made below
}

function encodeParams(params: readonly unknown[], frame: Frame): readonly [form: number, sent: unknown] {
  if (typeof params[0] === 'number') return writeNumbers(params, frame) ? [FORM_NUMBERS, undefined] : [FORM_VALUES, params];
  const bytes = packBytes(params);
  return bytes === undefined ? [FORM_VALUES, params] : [FORM_BYTES, bytes];
}

function writeNumbers(params: readonly unknown[], { values }: Frame): boolean {
  for (let index = 0; index < params.length; index++) {
    const value = params[index];
    if (typeof value !== 'number') return false;
    values[index] = value;
  }
  return true;
}

/** All of them behind one another, if they are bytes of one kind. */
function packBytes(params: readonly unknown[]): PackedBytes | undefined {
  try {
    const kind = bytesKind(params[0]);
    if (kind === NO_BYTES) return undefined;
    const packer = new BytesPacker(kind, (params[0] as Bytes).byteLength * params.length); // by its kind
    for (const value of params) {
      if (bytesKind(value) !== kind) return undefined;
      packer.add(value as Bytes); // by its kind
    }
    return packer.take();
  } catch {
    return undefined; // a hostile object: the clone will refuse it, and names it
  }
}

/** A pack as the lane reads it: its items one after the other. */
export class PackItems {
  readonly action: number;
  readonly slot: number;
  readonly generation: number;
  readonly task: number;
  readonly timeoutMs: number;
  readonly frame: Frame;
  readonly pack: number;
  readonly #list: readonly unknown[] | undefined;
  readonly #bytes: BytesReader | undefined;
  readonly #context: unknown;
  readonly #own: (value: unknown) => unknown;

  /** `own` copies what an item shares with others of its message. */
  constructor(message: PackInput, frame: Frame, own: (value: unknown) => unknown) {
    const [, action, slot, generation, task, timeoutMs, , , , form, params, context, pack] = message;
    this.action = action;
    this.slot = slot;
    this.generation = generation;
    this.task = task;
    this.timeoutMs = timeoutMs;
    this.frame = frame;
    this.pack = pack;
    // The writer is `encodePack` of the same version.
    this.#list = form === FORM_VALUES ? (params as readonly unknown[]) : undefined;
    this.#bytes = form === FORM_BYTES ? new BytesReader(params as PackedBytes) : undefined;
    this.#context = context;
    this.#own = own;
  }

  /** An item that was claimed, as a task. To be read once, in order. */
  at(index: number): TaskInput {
    return {
      action: this.action,
      slot: this.slot,
      generation: itemGeneration(this.generation, index),
      task: this.task + index,
      attempt: 1,
      timeoutMs: this.timeoutMs,
      deadlineMs: Number.POSITIVE_INFINITY,
      params: this.#paramsAt(index),
      context: this.#context === undefined ? undefined : this.#own(this.#context),
    };
  }

  #paramsAt(index: number): unknown {
    if (this.#list !== undefined) return this.#own(this.#list[index]);
    return this.#bytes === undefined ? this.frame.values[index] : this.#bytes.next();
  }
}

/** Each item has a generation of its own in the pack's slot, so that a cancel, a message or a call names it and no other. */
export function itemGeneration(pack: number, index: number): number {
  return pack + 1 + index;
}
