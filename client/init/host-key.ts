import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { splitAddress } from '../../worker/endpoints.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';

/** As an ssh connection of ours would choose among a host's keys. */
const order = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'];

/** The fingerprint that the host shows now: to be compared by a person. UserError: none came. */
export async function scanHostKey(address: string): Promise<string> {
  const place = splitAddress(address);
  if (!place) throw badAddress(address);
  const args = ['-T', '5', '-p', String(place.port), '-t', 'ed25519,ecdsa,rsa', place.host];
  const { stdout } = await execa('ssh-keyscan', args, { reject: false, timeout: 20_000 });
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

const badAddress = (address: string) =>
  new UserError(
    `"${address}" is not the address of a host. Nothing was written.\n` +
      'Give it as user@host or user@host:port: --host deploy@shop.example.com',
    exitCodes.usage,
  );

const noKey = (address: string, args: string[]) =>
  new UserError(
    `${address} showed no host key, so it cannot be pinned. Nothing was written.\n` +
      `See why: ssh-keyscan ${args.join(' ')}\n` +
      'Or read it on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub): --host-key SHA256:…',
    exitCodes.failed,
  );
