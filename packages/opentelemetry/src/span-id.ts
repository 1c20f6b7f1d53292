/**
 * The span id of an attempt, which host and lane each work out for themselves: the lane needs it when the attempt begins, and the host
 * knows only when it has ended that it began. FNV-1a over the trace, the task and the attempt, twice with different beginnings.
 */
export function attemptSpanId(traceId: string, taskId: string, attempt: number | 'onError'): string {
  const text = `${traceId}/${taskId}#${attempt}`;
  const id = hex(hash(text, 0x811c9dc5)) + hex(hash(text, 0x9747b28c));
  // The one id that is none.
  return id === '0000000000000000' ? '0000000000000001' : id;
}

function hash(text: string, seed: number): number {
  let value = seed;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  // FNV moves little of its last characters upwards, and ids of neighbours differ in those alone.
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
