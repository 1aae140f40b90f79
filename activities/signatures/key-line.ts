/** One key of the configuration: a .pub line, optionally after its validity. */
export type KeyLine = {
  type: string;
  publicKey: string;
  /** Options of allowed_signers, such as `valid-before="20270101"`. */
  options: string[];
};

const line =
  /^(?<options>(?:valid-(?:after|before)="\d+Z?"[, ])*)(?<type>[\w@.-]+) (?<key>[A-Za-z0-9+/=]+)(?: .*)?$/;

/** null where it is none: such a key verifies nothing. */
export function readKeyLine(text: string): KeyLine | null {
  const { options = '', type, key } = line.exec(text.trim())?.groups ?? {};
  if (!type || !key) return null;
  return { type, publicKey: key, options: options.split(/[, ]/).filter(Boolean) };
}

/** The principal is always `signer`: which person it is was decided by choosing the keys. */
export const allowedSigners = (keys: readonly KeyLine[], namespace: string) =>
  keys
    .map(({ type, publicKey, options }) => {
      const all = [`namespaces="${namespace}"`, ...options].join(',');
      return `signer ${all} ${type} ${publicKey}\n`;
    })
    .join('');
