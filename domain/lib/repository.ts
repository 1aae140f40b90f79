/**
 * The rest of an address. White space and characters with a meaning for a shell are refused,
 * because hosts get the address in a command.
 */
const rest = String.raw`[^\s\p{Cc}"'` + '`' + String.raw`$\\(){}<>|^;&]+`;

const web = new RegExp(String.raw`^https?://[A-Za-z0-9[]${rest}$`, 'u');
const ssh = new RegExp(
  String.raw`^(?:ssh://)?[A-Za-z_][A-Za-z0-9._-]*@(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::\d+/|[:/])${rest}$`,
  'u',
);

/**
 * Returns true for the address of a git repository: https://host/path, git@host:path or
 * ssh://git@host/path. The schema of plimsoll.yaml and the commands on a host use the same rule.
 */
export const isRepository = (address: string): boolean =>
  ssh.test(address) || (web.test(address) && (URL.parse(address)?.pathname.length ?? 0) > 1);
