import { withoutSecrets } from '../../lib/secret-shapes.ts';

/**
 * Replaces every text that looks like a key, a password in an address, or `token=…` by "…".
 * `NOPASSWD:` stays, because a remedy for people contains this word.
 */
export const scrub = (text: string): string =>
  withoutSecrets(text, () => '…')
    .replaceAll(/\b(bearer|basic) [\w.~+/=-]{6,}/gi, '$1 …')
    .replaceAll(
      /((?:key|token|secret|(?<!\bNO)passw(?:or)?d|pwd)["']?\s{0,3}[=:]\s{0,3})(?!env:|plimsoll\s|PATH\b)[^\s,;]{4,}/gi,
      '$1…',
    );
