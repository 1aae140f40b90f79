import { failures } from '../../../../domain/deploy/failures.ts';
import type { VpsHost } from '../../../../domain/platforms/vps/target.ts';
import { final, transient } from '../../../lib/fail.ts';

export const hostKeyChanged = (host: VpsHost, seen: string) =>
  final(
    failures.rejectedByPlatform,
    `${host.name} showed another host key than the pinned one, so nothing was sent to it.\n` +
      `expected: ${host.hostKey}\n` +
      `seen:     ${seen}\n` +
      "Either the host was rebuilt, or another machine answered. Run on the host's own console:\n" +
      '  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\n' +
      'Only if this prints the key seen here, set that key as hostKey in plimsoll.yaml.',
  );

type ConnectError = Error & { level?: string; code?: string };

/** Makes the failure for an ssh connection that could not be opened. */
export function noConnection(host: VpsHost, cause: ConnectError) {
  const command = `ssh -p ${host.port} ${host.user}@${host.host} true`;
  if (cause.level === 'client-authentication') {
    return final(
      failures.rejectedByPlatform,
      `${host.name} refused our ssh key for user ${host.user}. Add the public half of ` +
        `the key to ~${host.user}/.ssh/authorized_keys on that host, then try: ${command}`,
    );
  }
  if (/^(Cannot parse|Encrypted)|passphrase/i.test(cause.message)) {
    return final(
      failures.misconfigured,
      `The ssh identity cannot be used (${cause.message}). A key with a passphrase must be in ` +
        `the worker's ssh agent. Add it with ssh-add, and remove identity from plimsoll.yaml.`,
    );
  }
  return transient(
    `${host.name} cannot be reached over ssh (${cause.code ?? cause.message}). ` +
      `Check that the host is up and accepts connections from this machine: ${command}`,
  );
}
