/** Starts so many things at a steady pace, whatever becomes of them; each is told its number and when it was due. Settles with the last start. */
export function paced(perMs: number, count: number, start: (index: number, dueMs: number) => void): Promise<void> {
  const begunMs = performance.now();
  let index = 0;
  return new Promise((resolve, reject) => {
    const tick = (): void => {
      try {
        const dueBy = (performance.now() - begunMs) * perMs;
        for (; index < count && index <= dueBy; index++) start(index, begunMs + index / perMs);
        if (index >= count) resolve();
        else setTimeout(tick, 1);
      } catch (thrown) {
        reject(thrown);
      }
    };
    tick();
  });
}
