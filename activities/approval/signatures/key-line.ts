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

/** Parses the line of a public key. Returns null if the text is not such a line. */
export function readKeyLine(text: string): KeyLine | null {
  const { options = '', type, key } = line.exec(text.trim())?.groups ?? {};
  if (!type || !key) return null;
  return { type, publicKey: key, options: options.split(/[, ]/).filter(Boolean) };
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
