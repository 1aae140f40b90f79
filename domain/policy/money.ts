/** Money inside is whole micro-dollars, so that sums are exact. What costs anything costs at least one. */
export const microsOf = (dollars: number): number =>
  Math.max(dollars > 0 ? 1 : 0, Math.round(dollars * 1e6));

/** $1,234.50; below a cent as many digits as it takes. */
export function inDollars(micros: number): string {
  const whole = Math.floor(micros / 1e6).toLocaleString('en-US');
  const rest = String(micros % 1e6).padStart(6, '0');
  const small = micros < 10_000;
  return `$${whole}.${small ? rest.replace(/0{1,4}$/, '') : rest.slice(0, 2)}`;
}
