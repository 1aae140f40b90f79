import { withoutSecrets } from './secret-shapes.ts';

/**
 * Makes a log line safe to store. The result has no control characters, no secrets, and at most 200
 * characters.
 */
export function redact(line: string): string {
  const printable = line.slice(0, 2000).replaceAll(/\p{Cc}(?:\[[0-9;]*[A-Za-z])?/gu, ' ');
  return withoutSecrets(printable, () => '…')
    .replaceAll(/(:\/\/[^\s:/@]{0,100}):[^\s@]{1,200}@/g, '$1:…@')
    .replaceAll(/\b(bearer|basic) [\w.~+/=-]{6,}/gi, '$1 …')
    .replaceAll(
      /((?:key|token|secret|passw(?:or)?d|pwd|credentials?)["']?\s{0,3}[=:]\s{0,3})[^\s,;]+/gi,
      '$1…',
    )
    .replaceAll(/[\w+/=-]{32,}/g, '…')
    .trim()
    .slice(0, 200);
}
