import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../domain/lib/canonical.ts';

/** A throw-away key made by ssh-keygen. `publicKey` is the line of the .pub file. */
export type TestKey = {
  path: string;
  publicKey: string;
  sign(payload: unknown, namespace: string): string;
};

export function makeKey({ passphrase = '', type = 'ed25519' } = {}): TestKey {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-key-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'key');
  const bits = type === 'ecdsa' ? ['-b', '256'] : [];
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', '', '-f', path]);
  return {
    path,
    publicKey: readFileSync(`${path}.pub`, 'utf8').trim(),
    sign: (payload, namespace) =>
      execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', path], {
        input: canonicalJson(payload),
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'ignore'],
      }),
  };
}
