import { isWhole, typeOf } from './key-blob.ts';

/**
 * A public key from the configuration: a line of a .pub file. The line may begin with options such
 * as valid-before.
 */
export type KeyLine = {
  type: string;
  publicKey: string;
  /** Options of allowed_signers, such as `valid-before="20270101"`. */
  options: string[];
};

const line =
  /^(?<options>(?:valid-(?:after|before)="\d+Z?"[, ])*)(?<type>[\w@.-]+) (?<key>[A-Za-z0-9+/=]+)(?: .*)?$/;

/**
 * Parses the line of a public key. Returns null if the text is not such a line. The base64 in the
 * result has the usual padding, so that equal keys have equal texts.
 */
export function readKeyLine(text: string): KeyLine | null {
  const { options = '', type, key } = line.exec(text.trim())?.groups ?? {};
  if (!type || !key) return null;
  const publicKey = Buffer.from(key, 'base64').toString('base64');
  return { type, publicKey, options: options.split(/[, ]/).filter(Boolean) };
}

/**
 * Returns the reason why the line is not exactly one complete key, or null. Examples: the end of
 * the base64 is missing, or the base64 contains a key of another type than the line says.
 */
export function whyUnreadable(text: string): string | null {
  const written = line.exec(text.trim())?.groups?.['key'];
  const key = readKeyLine(text);
  if (!key) return 'it is not a line of a .pub file';
  if (written !== key.publicKey) return 'its base64 is cut, or has the wrong padding';
  const blob = Buffer.from(key.publicKey, 'base64');
  const inside = typeOf(blob);
  if (inside !== key.type)
    return `it says ${key.type}, but its base64 is ${inside === null ? 'no key' : `a key of type ${inside}`}`;
  return isWhole(blob) ? null : 'its base64 is cut, or has more after the key';
}

/**
 * Returns the content of an allowed_signers file for ssh-keygen. The name of the signer in this
 * file is always `signer`, because the caller passes the keys of one person only.
 */
export const allowedSigners = (keys: readonly KeyLine[], namespace: string) =>
  keys
    .map(({ type, publicKey, options }) => {
      const all = [`namespaces="${namespace}"`, ...options].join(',');
      return `signer ${all} ${type} ${publicKey}\n`;
    })
    .join('');
