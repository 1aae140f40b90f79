import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnvironment } from '../../lib/child-environment.ts';
import { execaChild } from '../../lib/execa-child.ts';
import { transient } from '../../lib/fail.ts';
import { readKeyLine, type KeyLine } from './key-line.ts';

type Key = Pick<KeyLine, 'type' | 'publicKey'>;

/** Returns the fingerprint of a key as `ssh-keygen -l` prints it, such as `SHA256:…`. */
export function fingerprintOf({ publicKey }: Pick<KeyLine, 'publicKey'>): string {
  const digest = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

const isPath = (entry: string) => entry.startsWith('/');

/**
 * True if `revoked` lists the key as a fingerprint or as a line of a .pub file. Key revocation
 * lists (KRLs) are not read here.
 */
export const namedRevoked = (key: Key, revoked: readonly string[]): boolean =>
  revoked.some(
    (entry) =>
      entry === fingerprintOf(key) ||
      (!isPath(entry) && readKeyLine(entry)?.publicKey === key.publicKey),
  );

/**
 * True if the key is revoked. `revoked` lists fingerprints, lines of .pub files and paths of key
 * revocation lists (KRLs). Throws a transient failure if a KRL cannot be read, because the key may
 * be in this KRL.
 */
export async function isRevoked(
  key: Key,
  revoked: readonly string[],
  program: string,
): Promise<boolean> {
  if (namedRevoked(key, revoked)) return true;
  for (const list of revoked.filter(isPath)) if (await inKrl(key, list, program)) return true;
  return false;
}

async function inKrl({ type, publicKey }: Key, list: string, program: string): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-revoked-'));
  try {
    const file = join(directory, 'key.pub');
    await writeFile(file, `${type} ${publicKey}\n`);
    const options = { timeout: 10_000, reject: false, env: childEnvironment({ LC_ALL: 'C' }) };
    const answer = await execaChild(program, ['-Q', '-f', list, file], options);
    if (answer.exitCode === 0) return false;
    if (answer.exitCode === 1 && / REVOKED$/m.test(answer.stdout)) return true;
    throw unreadable(list, answer.stderr);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const unreadable = (list: string, stderr: string) =>
  transient(
    `The revocation list ${list} cannot be read: ${stderr.trim().slice(0, 200) || 'no answer'}.\n` +
      'No signature counts until the list can be read. Plimsoll tries again.\n' +
      `Check the list: ssh-keygen -Q -l -f ${list}`,
  );
