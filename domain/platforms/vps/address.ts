import { shellWord } from '../../lib/shell-word.ts';

/**
 * The patterns of users and hosts that the ssh client accepts. A user may contain "@", ".", "\" and
 * letters of any language. A host is a name, an alias of ~/.ssh/config, an IPv4 address, or an IPv6
 * address in brackets, also with a zone.
 */
const user = /[^-\s:/'"`;&<>|(){}\p{Cc}][^\s:/'"`;&<>|(){}\p{Cc}]*(?<!\\)/u.source;
const ipv6 = /\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._-]+)?)\]/.source;
const plain = /([\p{L}\p{N}_][\p{L}\p{N}._-]*)/u.source;
const port = /(0*(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5]))/.source;

export const addressPattern = new RegExp(`^(${user})@(?:${ipv6}|${plain})(?::${port})?$`, 'u');

export const addressHint =
  'use user@host or user@host:port with a port between 1 and 65535; ' +
  'write an IPv6 address in brackets, such as user@[2001:db8::1]:22';

export type Address = {
  user: string;
  /**
   * The name is not changed to lower case, because ssh compares names in its configuration exactly.
   */
  host: string;
  /** 22 if the address names no port. */
  port: number;
  saysPort: boolean;
};

/** Splits `user@host[:port]`. undefined: the text does not have this form. */
export function splitAddress(address: string): Address | undefined {
  const parts = addressPattern.exec(address);
  if (!parts) return undefined;
  const [, name, bracketed, host, given] = parts;
  return {
    user: name!,
    host: (bracketed ?? host)!,
    port: Number(given ?? 22),
    saysPort: given !== undefined,
  };
}

type Reached = { user: string; host: string; port: number; exactPort?: true };

/**
 * Returns the command with which a person tries the same connection. The command does not name port
 * 22 if the configuration of ssh may set another port.
 */
export const sshCommand = ({ user: name, host, port: at, exactPort }: Reached, command: string) =>
  `ssh ${at === 22 && !exactPort ? '' : `-p ${at} `}${shellWord(`${name}@${host}`)} ${command}`;
