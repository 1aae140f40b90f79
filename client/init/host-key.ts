import { createHash } from 'node:crypto';
import { childEnvironment } from '../../activities/lib/child-environment.ts';
import type { Address } from '../../domain/platforms/vps/address.ts';
import { splitAddress } from '../../domain/platforms/vps/address.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';

/** The types of host keys, in the order in which Plimsoll's ssh connection prefers them. */
const order = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'];

/**
 * Asks the host for its key and returns the fingerprint. A person must compare the fingerprint with
 * the real key, because another machine may have answered. Throws a UserError if the address is
 * wrong or the host shows no key.
 */
export async function scanHostKey(address: string): Promise<string> {
  const place = splitAddress(address);
  if (!place) throw badAddress(address);
  const { host, port } = await reached(place);
  const args = ['-T', '5', '-p', port, '-t', 'ed25519,ecdsa,rsa', host];
  const { execaChild } = await import('../../activities/lib/execa-child.ts');
  const options = { reject: false, timeout: 20_000, env: childEnvironment() } as const;
  const { stdout } = await execaChild('ssh-keyscan', args, options);
  const keys = stdout
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, type = '']) => order.includes(type))
    .toSorted(([, a = ''], [, b = '']) => order.indexOf(a) - order.indexOf(b));
  const blob = keys[0]?.[2];
  if (!blob) throw noKey(address, args.slice(2));
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

/**
 * Returns the host and the port to which the ssh command connects. The given host may be an alias
 * in the configuration of ssh.
 */
async function reached({ user, host, port, saysPort }: Address) {
  const { execaChild } = await import('../../activities/lib/execa-child.ts');
  const given = saysPort ? ['-p', String(port)] : [];
  const args = ['-G', '-T', '-l', user, ...given, '--', host];
  const { stdout } = await execaChild('ssh', args, {
    ...({ reject: false, timeout: 10_000, stdin: 'ignore' } as const),
    env: childEnvironment(),
  });
  const one = (name: string) => new RegExp(`^${name} (.+)$`, 'm').exec(stdout ?? '')?.[1];
  return { host: one('hostname') ?? host, port: one('port') ?? String(port) };
}

const badAddress = (address: string) =>
  new UserError(
    `"${address}" is not the address of a host. Nothing was written.\n` +
      'Give the address as user@host or user@host:port: --host deploy@shop.example.com',
    exitCodes.usage,
  );

const noKey = (address: string, args: string[]) =>
  new UserError(
    `${address} showed no host key, so no key can be pinned. Nothing was written.\n` +
      `See why: ssh-keyscan ${args.join(' ')}\n` +
      'Or read the key on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), and add: --host-key SHA256:…',
    exitCodes.failed,
  );
