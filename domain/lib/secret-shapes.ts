/**
 * The known formats of secrets, each with a name for its kind. The same list cleans lines of logs,
 * texts for people and the ledger. A pattern must not match branch names, public keys, signatures
 * or hashes, because the ledger refuses a text that matches.
 */
const shapes: [kind: string, pattern: RegExp][] = [
  [
    'a private key',
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?:[\s\S]*?-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|[\s\S]*$)/g,
  ],
  ['a private key', /\bAGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{20,}/g],
  ['a Slack token', /\bx(?:ox[a-z]|app)-[\w-]{8,}/g],
  ['a Slack webhook', /hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/-]+/g],
  ['a Discord webhook', /discord(?:app)?\.com\/api\/webhooks\/\d+\/[\w-]+/g],
  ['a GitHub token', /\b(?:gh[pousr]_\w{16,}|github_pat_\w{16,})/g],
  ['a GitLab token', /\bgl(?:pat|dt|ft|soat|cbt|imt|ptt|oas|agent|rt)-[\w.-]{16,}/g],
  ['an npm token', /\bnpm_[A-Za-z0-9]{30,}/g],
  ['a PyPI token', /\bpypi-AgE[\w-]{16,}/g],
  ['a Docker token', /\bdckr_[po]at_[\w-]{16,}/g],
  ['an AWS key', /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g],
  ['a Google key', /\b(?:AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})/g],
  ['a payment key', /\b(?:[sr]k_(?:live|test|prod)|whsec)_\w{10,}/g],
  ['a key of a service', /\bsk_[0-9a-f]{32,}\b/g],
  [
    'a model provider key',
    /\bsk-(?:(?:ant|proj|or|lf|svcacct|admin)-[\w-]{20,}|[A-Za-z0-9]{32,})/g,
  ],
  ['a SendGrid key', /\bSG\.[\w-]{16,}\.[\w-]{16,}/g],
  ['a Mailgun key', /\bkey-[0-9a-f]{32}\b/g],
  ['a Twilio key', /\bSK[0-9a-f]{32}\b/g],
  ['a Telegram token', /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g],
  ['a token of a platform', /\bvc[piark]_[\w-]{16,}/g],
  ['a token of a platform', /\bvercel_blob_rw_\w{16,}/gi],
  ['a token of a platform', /\bcf(?:k|ut|at)_[\w-]{16,}/g],
  ['a token of a platform', /\bv1\.0-[0-9a-f]{24}-[0-9a-f]{100,}/g],
  ['a token of a platform', /\bnf-(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{16,}(?:\.[\w-]+)*/g],
  [
    'a token of a platform',
    /\b(?:do[opr]_v1_[0-9a-f]{32,}|nf[pcobu]_\w{20,}|rnd_[A-Za-z0-9]{20,})/g,
  ],
  ['a token of a platform', /\b(?:HRKU-[\w-]{20,}|fm2_[\w+/=]{40,}|fo1_[\w-]{30,})/g],
  [
    'a database token',
    /\b(?:sb(?:p|_secret)_\w{16,}|napi_\w{40,}|pscale_(?:pw|tkn|oauth)_[\w.-]{16,})/g,
  ],
  ['a Vault token', /\bhv[sbr]\.[\w-]{20,}/g],
  [
    'a Doppler token',
    /\bdp\.(?:pt|ct|sa|said|scim|audit|st(?:\.[a-z0-9_-]{2,35})?)\.[A-Za-z0-9]{20,}/g,
  ],
  [
    'a token of a service',
    /\b(?:lin_(?:api|oauth)_|ntn_|gsk_|xai-|figd_|PMAK-|shp(?:at|ca|pa|ss)_|tskey-[a-z]+-|gl(?:c|sa)_|sntry[su]_|NRAK-|AT[AC]TT3|bk(?:ua|aj|ct)_|CCIP(?:AT|RJ)_|r8_|pplx-|nvapi-|tvly-|hf_)(?=\w*\d)[\w+/=-]{24,}/g,
  ],
  ['a JSON web token', /\bey[A-Z][\w-]{8,}\.ey[A-Z][\w-]{8,}(?:\.[\w-]*)?/g],
  ['a bearer token', /(?<=\bBearer\s{1,3})[\w.~+/-]{16,}/gi],
  [
    'a password in an address',
    /(?<=\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]{0,100}:)(?!…@)[^\s/@]+(?=@)/gi,
  ],
];

/** Returns the kind of the first secret in a text, such as "a Slack token", or null. */
export const kindOfSecret = (text: string): string | null =>
  shapes.find(([, pattern]) => text.search(pattern) >= 0)?.[0] ?? null;

const namedLeftOut = (kind: string) => `[${kind}, left out]`;

/**
 * Replaces every secret in a text. By default, its kind replaces it, such as "[a Slack token, left
 * out]".
 */
export const withoutSecrets = (text: string, inPlace = namedLeftOut): string =>
  shapes.reduce((clean, [kind, pattern]) => clean.replaceAll(pattern, () => inPlace(kind)), text);
