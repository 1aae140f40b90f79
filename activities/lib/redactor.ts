/**
 * Removes the values of secrets from texts. Finds a value in every form that programs use: the
 * value itself, base64 (at any offset), base64url, hex, percent-encoding, JSON and HTML.
 */
export type Redactor = {
  /**
   * Adds a secret. In texts, `name` replaces the value. Returns false if the value is too short,
   * because many harmless texts contain such a value. `passes` is true for a token that is valid
   * for some hours only. If there are many such tokens, the oldest tokens are forgotten.
   */
  learn(name: string, value: string, options?: { passes?: boolean }): boolean;
  /** Replaces every secret in a text, for example by "[GITHUB_TOKEN, left out]". */
  clean(text: string): string;
  /**
   * Removes secrets from every text in a value. The value may contain arrays, objects with their
   * keys, and errors. An error itself is changed. For an array or an object, returns a changed
   * copy.
   */
  cleanAll<T>(value: T): T;
};

/** The fewest characters of a secret that is removed from texts. */
export const fewestCharacters = 8;

/**
 * The number of newest passing secrets that are never forgotten. Older secrets may be forgotten.
 */
const mostPassing = 100;

/**
 * The search for a form begins with this number of characters. No form is shorter than
 * `fewestForm`.
 */
const keyLength = 4;
const fewestForm = 8;

type Form = { text: string; name: string };

export function createRedactor(): Redactor {
  const lasting = new Map<string, string>();
  const passing = new Map<string, string>();
  let index = createIndex();
  const forgetOld = () => {
    for (const value of [...passing.keys()].slice(0, mostPassing)) passing.delete(value);
    index = createIndex();
    for (const [value, name] of [...lasting, ...passing]) index.add(name, value);
  };
  const learn = (name: string, value: string, { passes = false } = {}) => {
    if (value.length < fewestCharacters) return false;
    if (lasting.has(value) || (passes && passing.has(value))) return true;
    const known = passing.has(value);
    (passes ? passing : lasting).set(value, name);
    if (!known) index.add(name, value);
    if (passing.size > 2 * mostPassing) forgetOld();
    return true;
  };
  const clean = (text: string) => index.clean(text);
  return { learn, clean, cleanAll: (value) => cleanDeep(value, clean, new Map()) };
}

/**
 * Makes an index of all forms by the hash of their first characters. For each hash, the longest
 * form is first.
 */
function createIndex() {
  const buckets = new Map<number, Form[]>();
  const used = new Uint8Array(0x10000);
  const add = (name: string, value: string) => {
    for (const text of formsOf(value)) {
      const hash = hashAt(text, 0);
      used[hash] = 1;
      const bucket = [...(buckets.get(hash) ?? []), { text, name }];
      buckets.set(
        hash,
        bucket.toSorted((a, b) => b.text.length - a.text.length),
      );
    }
  };
  const formAt = (text: string, at: number) => {
    const hash = hashAt(text, at);
    if (used[hash] === 0) return undefined;
    return buckets.get(hash)?.find((form) => text.startsWith(form.text, at));
  };
  const clean = (text: string) => {
    let cleaned = '';
    let from = 0;
    const last = text.length - fewestForm;
    for (let at = 0; at <= last; at += 1) {
      const form = formAt(text, at);
      if (!form) continue;
      cleaned += `${text.slice(from, at)}[${form.name}, left out]`;
      from = at + form.text.length;
      at = from - 1;
    }
    return from === 0 ? text : cleaned + text.slice(from);
  };
  return { add, clean };
}

/** Returns a hash (16 bits) of the four characters from `at`. */
function hashAt(text: string, at: number): number {
  let hash = 0;
  for (let index = at; index < at + keyLength; index += 1)
    hash = (Math.imul(hash, 0x9e3b) + text.charCodeAt(index)) | 0;
  return (hash ^ (hash >>> 16)) & 0xffff;
}

/**
 * Returns every form of a value. If a value has several lines, such as a key, each line also
 * counts.
 */
function formsOf(value: string): Set<string> {
  const lines = value.split(/\r?\n|\\n/).filter((line) => line.length >= 20);
  const parts = [value, value.trim(), ...(lines.length > 1 ? lines : [])];
  const forms = parts.flatMap((part) => [
    part,
    ...escapedForms(part),
    ...percentForms(part),
    ...binaryForms(Buffer.from(part)),
  ]);
  return new Set(forms.filter((form) => form.length >= fewestForm));
}

function escapedForms(value: string): string[] {
  const json = (text: string) => JSON.stringify(text).slice(1, -1);
  const once = json(value);
  const ascii = once.replaceAll(
    /[\u007f-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const html = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quoted = html.replaceAll('"', '&quot;');
  return [
    ...[once, json(once), ascii, once.replaceAll('/', String.raw`\/`)],
    ...[html, quoted, quoted.replaceAll("'", '&#39;'), quoted.replaceAll("'", '&apos;')],
    ...[json(html), shellQuoted(value)],
  ];
}

const shellQuoted = (value: string) => value.replaceAll("'", String.raw`'\''`);

function percentForms(value: string): string[] {
  const component = encoded(encodeURIComponent, value);
  const strict = component.replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const all = [component, strict, strict.replaceAll('%20', '+'), encoded(encodeURI, value)];
  const small = all.map((form) => form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  return [...all, ...small, encoded(encodeURIComponent, component)];
}

/**
 * Encodes a text. Returns '' for a text with half of a surrogate pair, because it cannot be
 * encoded.
 */
function encoded(encode: (text: string) => string, value: string): string {
  try {
    return encode(value);
  } catch {
    return value;
  }
}

function binaryForms(bytes: Buffer): string[] {
  const hex = bytes.toString('hex');
  const cores = [0, 1, 2].map((offset) => base64Core(bytes, offset));
  const base64 = [bytes.toString('base64'), bytes.toString('base64').replace(/=+$/, ''), ...cores];
  const forUrls = base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
  return [hex, hex.toUpperCase(), ...base64, ...forUrls];
}

/**
 * Returns the base64 letters that depend only on these bytes, if `offset` other bytes come before
 * them. base64 writes three bytes as four letters, so only the offset modulo 3 matters.
 */
function base64Core(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  const from = Math.ceil((offset * 8) / 6);
  return text.slice(from, Math.floor(((offset + bytes.length) * 8) / 6));
}

type Clean = (text: string) => string;

function cleanDeep<T>(value: T, clean: Clean, seen: Map<unknown, unknown>): T {
  if (typeof value === 'string') return clean(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value) as T;
  if (value instanceof Error) return cleanError(value, clean, seen) as T;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    seen.set(value, list);
    for (const one of value as unknown[]) list.push(cleanDeep(one, clean, seen));
    return list as T;
  }
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value) as never)) return value;
  const record: Record<string, unknown> = {};
  seen.set(value, record);
  for (const [key, one] of Object.entries(value))
    put(record, clean(key), cleanDeep(one, clean, seen));
  for (const key of Object.getOwnPropertySymbols(value))
    put(record, key, (value as Record<symbol, unknown>)[key]);
  return record as T;
}

/**
 * Cleans the texts of an error, its details and its causes. The type of the error stays the same.
 */
function cleanError(error: Error, clean: Clean, seen: Map<unknown, unknown>): Error {
  seen.set(error, error);
  const fields = error as unknown as Record<string, unknown>;
  for (const name of ['message', 'stack', ...Object.keys(error), 'cause'])
    if (fields[name] !== undefined && name !== 'type' && name !== 'name')
      put(error, name, cleanDeep(fields[name], clean, seen));
  return error;
}

/**
 * Sets a field, even if its name is "__proto__". Does nothing for a read-only field, such as some
 * fields of Node's errors.
 */
function put(target: object, name: string | symbol, value: unknown) {
  const before = Object.getOwnPropertyDescriptor(target, name);
  if (before?.writable === false && !before.configurable) return;
  const enumerable = before?.enumerable ?? true;
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable });
}
