type Element = { tag: number; from: number; to: number };

/** Reads the element at `at`. Returns null if there is no complete DER element. */
function elementAt(bytes: Buffer, at: number, end = bytes.length): Element | null {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return null;
  if (first < 0x80) return within({ tag, from: at + 2, to: at + 2 + first }, end);
  const many = first & 0x7f;
  if (many === 0 || many > 3 || at + 2 + many > end) return null;
  const from = at + 2 + many;
  return within({ tag, from, to: from + bytes.readUIntBE(at + 2, many) }, end);
}

const within = (element: Element, end: number) => (element.to <= end ? element : null);

/** Returns the elements inside an element, or null if its content is not DER. */
function childrenOf(bytes: Buffer, { from, to }: Element): Element[] | null {
  const children: Element[] = [];
  for (let at = from; at < to;) {
    const child = elementAt(bytes, at, to);
    if (child === null) return null;
    children.push(child);
    at = child.to;
  }
  return children;
}

const sequence = 0x30;
const integer = 0x02;
const octets = 0x04;
const objectId = 0x06;

/** Object identifiers, in hex: password-based encryption (PKCS 5 and 12), and bags with a key. */
const encryptions = /^2a864886f70d01(?:05|0c01)/;
const keyBags = ['2a864886f70d010c0a0101', '2a864886f70d010c0a0102'];

const textOf = (bytes: Buffer, { from, to }: Element) => bytes.subarray(from, to).toString('hex');

function isStore(bytes: Buffer, [version, content]: Element[]): boolean {
  if (version?.tag !== integer || textOf(bytes, version) !== '03') return false;
  const hex = content?.tag === sequence ? textOf(bytes, content) : '';
  return keyBags.some((bag) => hex.includes(bag));
}

function isEncrypted(bytes: Buffer, [algorithm, data, ...rest]: Element[]): boolean {
  if (algorithm?.tag !== sequence || data?.tag !== octets || rest.length > 0) return false;
  const [id] = childrenOf(bytes, algorithm) ?? [];
  return id?.tag === objectId && encryptions.test(textOf(bytes, id));
}

const isVersion = (bytes: Buffer, element: Element | undefined) =>
  element?.tag === integer && /^0[01]$/.test(textOf(bytes, element));

/** True for PKCS 8: a version, an algorithm and the key. */
function isPlain(bytes: Buffer, [version, algorithm, key]: Element[]): boolean {
  if (!isVersion(bytes, version) || algorithm?.tag !== sequence || key?.tag !== octets)
    return false;
  return childrenOf(bytes, algorithm)?.[0]?.tag === objectId;
}

/** True for SEC 1: a version, then the key of an elliptic curve. */
const isCurve = (bytes: Buffer, [version, key, next]: Element[]) =>
  isVersion(bytes, version) &&
  key?.tag === octets &&
  key.to - key.from >= 14 &&
  key.to - key.from <= 72 &&
  (next === undefined || next.tag === 0xa0 || next.tag === 0xa1);

/** True for PKCS 1 (RSA: nine numbers) and for OpenSSL's own format (DSA: six numbers). */
const isNumbers = (bytes: Buffer, children: Element[]) =>
  isVersion(bytes, children[0]) &&
  children.length >= 6 &&
  children.slice(0, 6).every(({ tag }) => tag === integer) &&
  children[1]!.to - children[1]!.from >= 32;

/** True if the bytes begin, in DER, with a complete private key or a key store (PKCS 12). */
export function isPrivateKeyDer(bytes: Buffer): boolean {
  const whole = elementAt(bytes, 0);
  if (whole?.tag !== sequence) return false;
  const children = childrenOf(bytes, whole);
  if (children === null) return false;
  return [isPlain, isCurve, isNumbers, isEncrypted, isStore].some((is) => is(bytes, children));
}

/**
 * Returns the declared length of the whole element, with its header. Returns null if it is not DER.
 */
export function declaredLength(bytes: Buffer): number | null {
  const element = elementAt(bytes, 0, Infinity);
  return element?.tag === sequence ? element.to : null;
}
