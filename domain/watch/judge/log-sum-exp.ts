/**
 * Returns ln of the sum of e^value, without overflow. Returns -Infinity if `values` is empty or
 * contains only -Infinity.
 */
export function logSumExp(values: readonly number[]): number {
  let top = -Infinity;
  for (const value of values) top = value > top ? value : top;
  if (!Number.isFinite(top)) return top;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - top);
  return top + Math.log(sum);
}
