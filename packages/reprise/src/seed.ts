// Seeds that nobody gave.

/** Draws a seed: an integer 0 to 2^53 − 1. */
export function drawSeed(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
  return (high % 2 ** 21) * 2 ** 32 + low;
}
