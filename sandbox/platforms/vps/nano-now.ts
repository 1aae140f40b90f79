/** Returns the current time with nine decimals, as docker writes times. */
export function nanoNow(): string {
  const micro = Math.round((performance.timeOrigin + performance.now()) * 1000);
  const at = new Date(Math.floor(micro / 1000)).toISOString().slice(0, -1);
  return `${at}${String(micro % 1000).padStart(3, '0')}000Z`;
}
