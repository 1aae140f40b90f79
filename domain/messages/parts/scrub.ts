/** The patterns of keys, as their issuers document them. A key must not be posted in Slack. */
const shapes: RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\bxox[a-z]-[\w-]{8,}/g,
  /\bxapp-[\w-]{8,}/g,
  /\b(?:gh[pousr]|github_pat)_\w{16,}/g,
  /\b(?:sk|rk|pk|whsec)_(?:live_|test_)?\w{12,}/g,
  /\bsk-[\w-]{16,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bnpm_\w{20,}/g,
  /\bey[\w-]{10,}\.ey[\w-]{10,}\.[\w-]*/g,
];

/**
 * Replaces texts that look like a key, a password in an address, or `token=…` by "…". `NOPASSWD:`
 * is not replaced, because a remedy for people contains this word.
 */
export const scrub = (text: string): string =>
  shapes
    .reduce((left, shape) => left.replaceAll(shape, '…'), text)
    .replaceAll(/(:\/\/[^\s:/@]{0,100}):[^\s@/]{1,200}@/g, '$1:…@')
    .replaceAll(/\b(bearer|basic) [\w.~+/=-]{6,}/gi, '$1 …')
    .replaceAll(
      /((?:key|token|secret|(?<!\bNO)passw(?:or)?d|pwd)["']?\s{0,3}[=:]\s{0,3})(?!env:|plimsoll\s|PATH\b)[^\s,;]{4,}/gi,
      '$1…',
    );
