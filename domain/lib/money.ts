/**
 * Turns dollars into whole micro-dollars, so that sums are exact. A cost above zero is at least one
 * micro-dollar.
 */
export const microsOf = (dollars: number): number =>
  Math.max(dollars > 0 ? 1 : 0, Math.round(dollars * 1e6));

/**
 * Formats an amount for people to read, such as $1,234.50. An amount below one cent has up to six
 * decimals.
 */
export function inDollars(micros: number): string {
  const whole = Math.floor(micros / 1e6).toLocaleString('en-US');
  const rest = String(micros % 1e6).padStart(6, '0');
  const small = micros < 10_000;
  return `$${whole}.${small ? rest.replace(/0{1,4}$/, '') : rest.slice(0, 2)}`;
}
