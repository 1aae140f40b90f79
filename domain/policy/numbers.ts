/** At most two digits behind the point, thousands apart: for people, never for a digest. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const fixed = value.toFixed(Math.abs(value) >= 100 ? 0 : 2);
  const [whole = '', digits] = fixed.split('.');
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  const kept = digits?.replace(/0+$/, '');
  return kept ? `${grouped}.${kept}` : grouped;
}

/** A share as "0.99 %", with two figures where it is small. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || !Number.isFinite(value)) return `${value === 0 ? 0 : value} %`;
  return `${value >= 1 ? rounded(value) : String(Number(value.toPrecision(2)))} %`;
}

/** "1 look", "2 looks". */
export const count = (number: number, noun: string) =>
  `${number} ${noun}${number === 1 ? '' : 's'}`;
