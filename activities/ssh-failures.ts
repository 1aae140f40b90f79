import { failures } from '../domain/failures.ts';
import type { VpsHost } from '../domain/plan.ts';
import { final, transient } from './lib/fail.ts';

export const hostKeyChanged = (host: VpsHost, seen: string) =>
  final(
    failures.rejectedByPlatform,
    `${host.name} showed another host key than the pinned one, so nothing was sent to it.\n` +
      `expected: ${host.hostKey}\n` +
      `seen:     ${seen}\n` +
      'Either the host was rebuilt or somebody answers in its place. On its own console run\n' +
      '  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\n' +
      'and only if that prints the key seen here, put it as hostKey in plimsoll.yaml.',
  );

type ConnectError = Error & { level?: string; code?: string };

/** Why a connection could not be opened. */
export function noConnection(host: VpsHost, cause: ConnectError) {
  const command = `ssh -p ${host.port} ${host.user}@${host.host} true`;
  if (cause.level === 'client-authentication') {
    return final(
      failures.rejectedByPlatform,
      `${host.name} refused our ssh key for user ${host.user}. Add its public half to ` +
        `~${host.user}/.ssh/authorized_keys there, then try: ${command}`,
    );
  }
  if (/^(Cannot parse|Encrypted)|passphrase/i.test(cause.message)) {
    return final(
      failures.misconfigured,
      `The ssh identity cannot be used (${cause.message}). A key with a passphrase must be in the ` +
        `worker's ssh agent: ssh-add it, and leave identity out of plimsoll.yaml.`,
    );
  }
  return transient(
    `${host.name} cannot be reached over ssh (${cause.code ?? cause.message}). ` +
      `Check that it is up and lets this machine in: ${command}`,
  );
}
