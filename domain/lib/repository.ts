/** Characters that never stand in the address of a repository that is sent to a host. */
const rest = String.raw`[^\s\p{Cc}"'` + '`' + String.raw`$\\(){}<>|^;&]+`;

const web = new RegExp(String.raw`^https?://[A-Za-z0-9[]${rest}$`, 'u');
const ssh = new RegExp(
  String.raw`^(?:ssh://)?[A-Za-z_][A-Za-z0-9._-]*@(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::\d+/|[:/])${rest}$`,
  'u',
);

/**
 * True for an address of a git repository that Plimsoll accepts: https://host/path, git@host:path or
 * ssh://git@host/path. The schema of plimsoll.yaml and the commands on a host use the same rule.
 */
export const isRepository = (address: string): boolean =>
  ssh.test(address) || (web.test(address) && (URL.parse(address)?.pathname.length ?? 0) > 1);
