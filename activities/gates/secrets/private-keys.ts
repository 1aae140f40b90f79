import { declaredLength, isPrivateKeyDer } from './der.ts';
import type { Hit } from './hit.ts';
import { isPlaceholder } from './placeholder.ts';
import { anyOf, inOrder } from './patterns.ts';
import { distinct, looksDrawn } from './randomness.ts';

const rule = 'privatekey';

/**
 * The largest length of a key, in characters. PGP keys with photos and many subkeys are the
 * longest.
 */
const longest = 64 * 1024;

const begin = /-----?[ ]?BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?[ ]?-----?/g;
const end = /-----?[ ]?END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?[ ]?-{0,5}/;

/** Matches an escaped line break, or the quotes and signs between two lines of a key in code. */
const seams =
  /\\+[nrt]|\\\r?\n|["'`][ \t]*[+.,&_]?[ \t]*(?:\r?\n[ \t]*[+.&]?[ \t]*)?["'`]?|&#1[03];/g;
const headers = anyOf(
  'gm',
  String.raw`Proc-Type: *4,ENCRYPTED|DEK-Info: *[\w-]+,[0-9A-Fa-f]+`,
  String.raw`^[ \t>|#*/]*[A-Z][A-Za-z-]{2,24}:.{0,100}$`,
);

/** Returns the base64 letters of a key between its first and last line. */
const lettersOf = (body: string) =>
  body
    .replaceAll(seams, '\n')
    .replaceAll(headers, '')
    .replace(/\n[ \t]*=[A-Za-z0-9+/]{4}\s*$/, '')
    .replaceAll(/[^A-Za-z0-9+/]/g, '');

const isCut = /\.{3}|…|\[(?:snip|cut|redacted)/i;
const fewestLetters = 44;

/**
 * True if the letters can be a whole key. Documentation often shows only the first line of a key. A
 * key in DER declares its own length, and a key with fewer bytes is useless.
 */
function isWhole(letters: string): boolean {
  if (letters.length < fewestLetters || distinct(letters) < 16) return false;
  const bytes = Buffer.from(letters, 'base64');
  const declared = letters.startsWith('M') ? declaredLength(bytes) : null;
  return declared === null || declared <= bytes.length + 2;
}

/** Finds keys between BEGIN and END, as openssl, ssh-keygen, gpg and puttygen write them. */
function* armoured(text: string): Generator<Hit> {
  const begins = [...text.matchAll(begin)];
  for (const [at, { index, 0: first }] of begins.entries()) {
    const next = begins[at + 1]?.index ?? Infinity;
    const rest = text.slice(index + first.length, Math.min(next, index + longest));
    const last = end.exec(rest);
    const body = last
      ? rest.slice(0, last.index)
      : (/^[\s\\nrA-Za-z0-9+/=]*/.exec(rest)?.[0] ?? '');
    if (isCut.test(body) || isPlaceholder(body.slice(0, 2000)) || !isWhole(lettersOf(body)))
      continue;
    const stop = last ? last.index + last[0].length : body.trimEnd().length;
    yield { rule, index, value: text.slice(index, index + first.length + stop) };
  }
}

const run = /[A-Za-z0-9+/_=-]/;

/**
 * Extends a match in base64 to the whole base64 text around it, but not before `first`. Line breaks
 * belong to the text.
 */
function around(text: string, index: number, first: number): { from: number; value: string } {
  let from = index;
  while (from > first && index - from < longest && run.test(text[from - 1]!)) from -= 1;
  const rest = text.slice(from, from + longest);
  const value = /^[A-Za-z0-9+/_-]+(?:(?:\\n|\\?\r?\n[ \t]*)[A-Za-z0-9+/_-]{16,})*=*/.exec(rest);
  return { from, value: value?.[0] ?? '' };
}

const decoded = (value: string) =>
  Buffer.from(value.replaceAll(/\\n|[\\\s]/g, ''), 'base64').toString('latin1');

/** Matches "PRIVATE KEY" in base64. There are three forms, because base64 encodes three bytes at once. */
const veiled = /UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW/g;

/** Finds PEM keys that were encoded in base64 a second time, as in the secrets of Kubernetes. */
function* veiledKeys(text: string): Generator<Hit> {
  let upTo = 0;
  for (const { index } of text.matchAll(veiled)) {
    if (index < upTo) continue;
    const { from, value } = around(text, index, upTo);
    upTo = from + value.length;
    if (armoured(decoded(value)).next().done !== true) yield { rule, index: from, value };
  }
}

/** Matches base64 that may be DER: the first byte may be the tag of a sequence. */
const der = /(?<![A-Za-z0-9+/_-])M[A-P][A-Za-z0-9+/_-]{38,}/g;

/** On average, `bareDer` reads each letter of a text at most 8 times. This limits the work. */
const mostReads = 8;

/** Matches DER of at least 44 bytes in hexadecimal digits. */
const hexDer = /(?<![0-9A-Fa-f])30[0-9A-Fa-f]{86,}/g;

/** Finds keys in DER, written in hexadecimal digits. */
function* hexKeys(text: string): Generator<Hit> {
  for (const { index, 0: value } of text.matchAll(hexDer))
    if (isPrivateKeyDer(Buffer.from(value.slice(0, longest), 'hex'))) yield { rule, index, value };
}

/** Matches a key in PEM whose signs are written as in a URL. */
const inUrl = /-{5}BEGIN(?:%20|\+)[A-Z0-9%+]{0,60}?PRIVATE(?:%20|\+)KEY[^\s"'`<>]{60,20000}/g;

/** Finds keys in PEM that are a part of a URL or of a form. */
function* keysInUrls(text: string): Generator<Hit> {
  for (const { index, 0: value } of text.matchAll(inUrl)) {
    const plain = value
      .replaceAll(/(?<=BEGIN|END|[A-Z]{2})\+/g, ' ')
      .replaceAll(/%(?<code>[0-9A-Fa-f]{2})/g, (_, code: string) =>
        String.fromCodePoint(Number.parseInt(code, 16)),
      );
    if (armoured(plain).next().done !== true) yield { rule, index, value };
  }
}

/** Finds keys in DER, written in base64 without a first and last line. */
function* bareDer(text: string): Generator<Hit> {
  let budget = text.length * mostReads;
  for (const { index, 0: first } of text.matchAll(der)) {
    const declared = declaredLength(Buffer.from(first.slice(0, 8), 'base64'));
    if (declared === null || declared < 30 || declared > longest / 2) continue;
    const needed = Math.ceil((declared * 4) / 3);
    const isLong = first.length >= needed;
    if (!isLong && (budget -= needed) < 0) continue;
    const value = isLong ? first : lettersAfter(text, index, needed);
    const letters = value.replaceAll(seams, '\n').replaceAll(/[^A-Za-z0-9+/_-]/g, '');
    if (letters.length >= needed && isPrivateKeyDer(Buffer.from(letters, 'base64')))
      yield { rule, index, value };
  }
}

function lettersAfter(text: string, index: number, needed: number): string {
  const rest = text.slice(index, index + needed * 2);
  return /^(?:[A-Za-z0-9+/=]|\\?[nr]|["'`]|[,+.]?\s)+/.exec(rest)?.[0].trimEnd() ?? '';
}

/**
 * OpenSSH keys without BEGIN and END, PuTTY keys, gpg keys, printed keys of openssl, keys of OpenVPN,
 * of minisign and signify, and of Tor, and keys in XML.
 */
const marked = [
  /(?<![A-Za-z0-9+/])b3BlbnNzaC1rZXktdjEA[A-Za-z0-9+/]{100,}/g,
  inOrder(
    'g',
    String.raw`PuTTY-User-Key-File-\d:(?:[^P]|P(?!uTTY-User)){20,20000}?Private-Lines: *\d+\s+`,
    String.raw`[A-Za-z0-9+/]{32,}[A-Za-z0-9+/=\s]*`,
  ),
  inOrder(
    'g',
    String.raw`\((?:\d+:)?(?:protected-|shadowed-)?private-key[\s(]`,
    String.raw`(?:[\s\S]{0,200}?#[0-9A-Fa-f]{20}|\d+:)[\s\S]{20,8000}?\)\)`,
  ),
  /^[ \t]*(?:privateExponent|priv):\s*\n(?:[ \t]+(?:[0-9a-f]{2}:){4,}[0-9a-f]{0,2}\r?\n?)+/gm,
  /-{5}BEGIN OpenVPN Static key V1-{5}\s+(?:[0-9a-f]{32}\s+){8,}/g,
  /(?<![A-Za-z0-9+/])(?:RWRTY0Iy[A-Za-z0-9+/]{190,}|RWRCS(?:w|g)[A-Za-z0-9+/]{120,})/g,
  /== ed25519v1-secret: type0 ==/g,
  /<(?:RSA|DSA)KeyValue>[\s\S]{100,8000}?<(?:D|X)>[A-Za-z0-9+/=\s]{24,}<\/(?:D|X)>/g,
];
const marks = [
  ...['b3BlbnNzaC1rZXkt', 'PuTTY-User-Key', 'private-key', 'priv', 'OpenVPN Static', 'RWR'],
  ...['ed25519v1-secret', 'KeyValue>'],
];

function* markedKeys(text: string): Generator<Hit> {
  for (const [at, pattern] of marked.entries())
    if (text.includes(marks[at]!))
      for (const { index, 0: value } of text.matchAll(pattern))
        if (!isCut.test(value)) yield { rule, index, value };
}

/** The largest number of characters of a JWK before its `kty`, and after its `kty`. */
const longestPart = 6000;
const kty = /\\?["']?\bkty\\?["']?\s*:\s*\\?["'](?<kind>RSA|EC|OKP|oct|AKP)\\?["']/g;
const part = (name: string) =>
  new RegExp(
    `[{,\\s]\\\\?["']?${name}\\\\?["']?\\s*:\\s*\\\\?["'](?<key>[A-Za-z0-9_-]{20,})=*\\\\?["']`,
  );
const parts = { oct: part('k'), AKP: part('priv') };
const exponent = part('d');

/** Finds private and symmetric keys in JWK (RFC 7517). */
export function* webKeys(text: string): Generator<Hit> {
  let read = 0;
  for (const match of text.matchAll(kty)) {
    const head = Math.max(0, match.index - longestPart);
    const from = head + text.slice(head, match.index).lastIndexOf('{');
    if (from < head || match.index < read) continue;
    const tail = text.slice(match.index, match.index + longestPart);
    const object = text.slice(from, match.index) + tail.split('}', 1)[0];
    read = from + object.length;
    const kind = match.groups?.['kind'] as keyof typeof parts;
    const key = (parts[kind] ?? exponent).exec(object)?.groups?.['key'];
    if (key === undefined || isPlaceholder(key) || !looksDrawn(key, { sure: true })) continue;
    yield { rule, index: from + object.indexOf(key), value: key };
  }
}

/** First bytes, in hex, of files by Microsoft, key stores of Java and KeePass, and OpenPGP keys. */
const binaries = [
  /^1ef1b5b0/,
  /^07020000.{8}(?:52534132|44535332)/,
  /^(?:feedfeed|cececece)0000000[12].{8}00000001/,
  /^03d9a29a6[567]fb4bb5/,
  // A secret key of OpenPGP: packet 5, version 3 to 6, made after 1995, a known algorithm.
  /^(?:94..|95....|97|c5(?:[0-9ab].|[cd]...|ff.{8}))0[3-6][3-9].{7}(?:0[1-3]|1[0-9a-c])/,
];

/** The first characters of the formats that `binaryKeys` finds. */
const firstBytes = new Set('0\x1e\x07\xfe\xce\x03\x94\x95\x97\xc5');

/** Finds a binary file that is, or contains, a private key. */
function* binaryKeys(text: string): Generator<Hit> {
  const value = text.slice(0, longest);
  const bytes = Buffer.from(value, 'latin1');
  const start = bytes.subarray(0, 32).toString('hex');
  if (isPrivateKeyDer(bytes) || binaries.some((one) => one.test(start)))
    yield { rule, index: 0, value };
}

/** Finds private keys in every format that openssl, ssh-keygen, gpg and puttygen write. */
export function privateKeys(text: string): Hit[] {
  return [
    ...(text.includes('PRIVATE KEY') ? armoured(text) : []),
    ...veiledKeys(text),
    ...(/PRIVATE(?:%20|\+)KEY/.test(text) ? keysInUrls(text) : []),
    ...bareDer(text),
    ...hexKeys(text),
    ...markedKeys(text),
    ...(text.includes('kty') ? webKeys(text) : []),
    ...(firstBytes.has(text[0] ?? '') ? binaryKeys(text) : []),
  ];
}
