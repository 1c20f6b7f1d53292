/** A call that carries nothing and does nothing. */
export function answerOne(): number {
  return 1;
}
