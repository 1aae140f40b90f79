import { failures } from '../../../../domain/deploy/failures.ts';
import { sshCommand } from '../../../../domain/platforms/vps/address.ts';
import type { VpsHost } from '../../../../domain/platforms/vps/target.ts';
import { final, transient } from '../../../lib/fail.ts';
import type { ShownKey } from './host-keys.ts';

/** Makes the failure for a host without a key of the pinned fingerprint. `shown` lists its keys. */
export function hostKeyChanged(host: VpsHost, shown: readonly ShownKey[]) {
  const [first] = shown;
  const several = shown.length > 1;
  return final(
    failures.rejectedByPlatform,
    `${host.name} showed ${several ? 'other host keys' : 'another host key'} than the pinned one, ` +
      'so nothing was sent to it.\n' +
      `expected: ${host.hostKey}\n` +
      shown
        .map(
          (key) => `seen:     ${key.fingerprint}${several || key.authority ? wordsOf(key) : ''}\n`,
        )
        .join('') +
      "Either the host was rebuilt, or another machine answered. Run on the host's own console:\n" +
      `  ssh-keygen -lf /etc/ssh/ssh_host_${fileOf(first?.kind)}_key.pub\n` +
      `Only if this prints ${several ? 'one of the keys' : 'the key'} seen here, set that key as ` +
      'hostKey in plimsoll.yaml.',
  );
}

/**
 * Makes the failure for a certificate that the pinned key signed, but that is not valid for this
 * host or at this time.
 */
export const certificateRefused = (host: VpsHost, words: string) =>
  final(
    failures.rejectedByPlatform,
    `${host.name} showed a host certificate that ssh refuses (${words}), so nothing was sent to it.\n` +
      'The certificate must be valid now, and name the host as ssh calls it: HostKeyAlias or Hostname ' +
      'of the ssh configuration, or else the name in address. See what it says on the host:\n' +
      '  ssh-keygen -Lf /etc/ssh/ssh_host_ed25519_key-cert.pub',
  );

const wordsOf = ({ kind, authority }: ShownKey) =>
  authority === undefined ? ` (${kind})` : ` (${kind}, signed by ${authority})`;

const fileOf = (kind = '') =>
  kind.startsWith('ssh-rsa') ? 'rsa' : kind.startsWith('ecdsa') ? 'ecdsa' : 'ed25519';

/** Makes the failure for a host that offers no kind of host key that this machine can check. */
export const noUsableHostKey = (host: VpsHost, offered: string) =>
  final(
    failures.rejectedByPlatform,
    `${host.name} offers only host keys of kinds that Plimsoll cannot check ` +
      `(${offered.replaceAll(',', ', ') || 'unknown'}), so nothing was sent to it.\n` +
      "Plimsoll checks ed25519, ecdsa and rsa keys itself. ssh's own client of OpenSSH 8.5 or newer " +
      "checks every other kind: install it on the worker's machine, and see what it says: " +
      sshCommand(host, 'true'),
  );

type ConnectError = Error & { level?: string; code?: string };
/** `shown` names the proxy of the ssh configuration. `words` is the last line of its stderr. */
type ProxyWords = { shown: string; words: string };

export const keyRefused = (host: VpsHost) =>
  final(
    failures.rejectedByPlatform,
    `${host.name} refused our ssh key for user ${host.user}. Add the public half of ` +
      `the key to ~${host.user}/.ssh/authorized_keys on that host, then try: ` +
      sshCommand(host, 'true'),
  );

/**
 * True if the ssh library cannot read the worker's key. ssh's own client may get this key from the
 * agent.
 */
export const isUnreadableKey = (message: string) =>
  /^(Cannot parse|Encrypted)|passphrase/i.test(message);

/** Makes the failure for an ssh connection that could not be opened. */
export function noConnection(
  host: VpsHost,
  cause: ConnectError,
  proxy: ProxyWords | null = null,
): Error {
  const command = sshCommand(host, 'true');
  if (cause.level === 'client-authentication') return keyRefused(host);
  if (isUnreadableKey(cause.message)) {
    return final(
      failures.misconfigured,
      `The ssh identity cannot be used (${cause.message}). A key with a passphrase must be in ` +
        `the worker's ssh agent. Add it with ssh-add, and remove identity from plimsoll.yaml.`,
    );
  }
  const why = cause.code ?? cause.message;
  if (proxy !== null) return noWay(host, proxy, why);
  const agreed = /^Handshake failed: no matching (.*)/.exec(cause.message)?.[1];
  if (agreed !== undefined) {
    return final(
      failures.rejectedByPlatform,
      `${host.name} and Plimsoll have no common ${agreed}, so nothing was sent to it. ` +
        "Allow one of Plimsoll's algorithms in the host's sshd_config: " +
        'curve25519-sha256, ecdh-sha2-nistp256, aes128-gcm@openssh.com, aes256-ctr, hmac-sha2-256.',
    );
  }
  return transient(
    `${host.name} cannot be reached over ssh (${why}). ` +
      `Check that the host is up and accepts connections from this machine: ${command}`,
  );
}

/** Makes the failure for a host that cannot be reached through a ProxyJump or ProxyCommand. */
function noWay(host: VpsHost, { shown, words }: ProxyWords, why: string): Error {
  const message =
    `${host.name} cannot be reached over ssh through ${shown} of the worker's ssh configuration ` +
    `(${words || why}). Try the same connection as the user of the worker: ` +
    sshCommand(host, 'true');
  return /Host key verification failed|Permission denied|Bad configuration option/i.test(words)
    ? final(failures.rejectedByPlatform, message)
    : transient(message);
}
