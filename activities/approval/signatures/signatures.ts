import { sshKeygen } from '../../lib/ssh-keygen.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../../domain/lib/canonical.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import type { SignatureResult } from '../../../domain/approval/approval.ts';
import { childEnvironment } from '../../lib/child-environment.ts';
import { execaChild } from '../../lib/execa-child.ts';
import { final, transient } from '../../lib/fail.ts';
import { fingerprintOf, isRevoked } from './revoked.ts';
import { allowedSigners, readKeyLine, type KeyLine } from './key-line.ts';
import { weaknessOf } from './key-blob.ts';
import { readSshSig, type SshSig } from './sshsig.ts';

const boundMs = 10_000;

/**
 * Verifies that one of `keys` made `signature` (armored SSHSIG) over canonicalJson(payload) in this
 * namespace. The key must be valid at the time `at`, strong, and not revoked. If the key is a
 * security key, a person must have touched it. Throws a final failure of type
 * 'misconfigured' if ssh-keygen is missing. Throws a transient failure if ssh-keygen does not
 * answer within 10 s, or if a revocation list cannot be read.
 */
export async function verifySignature({
  payload,
  signature,
  namespace,
  keys,
  revoked = [],
  whose = 'this person',
  at,
  program = sshKeygen(),
}: {
  payload: unknown;
  signature: string;
  namespace: string;
  keys: string[];
  /** Fingerprints of keys, lines of .pub files, or paths of key revocation lists (KRLs). */
  revoked?: readonly string[];
  /** The owner of the keys. The reason of a refusal names this owner. */
  whose?: string;
  /**
   * The time at which the key must have been valid. If `at` is absent, the key must be valid now. A
   * revoked key is never valid.
   */
  at?: Date;
  /** The path of the program ssh-keygen. */
  program?: string;
}): Promise<SignatureResult> {
  const embedded = readSshSig(signature);
  if (!embedded) return no('it is not an SSH signature');
  if (embedded.namespace !== namespace)
    return no(`it was made for ${JSON.stringify(embedded.namespace)}, not for "${namespace}"`);
  const known = keys.map(readKeyLine).filter((key) => key !== null);
  const own = known.filter(({ publicKey }) => publicKey === embedded.publicKey);
  if (own.length === 0) return no(`it was made with a key that is not configured for ${whose}`);
  const [key] = own as [KeyLine, ...KeyLine[]];
  const weak = weaknessOf(Buffer.from(key.publicKey, 'base64'));
  if (weak) return no(weak);
  if (await isRevoked(key, revoked, program)) return no(`its key ${fingerprintOf(key)} is revoked`);
  const { exitCode, stderr } = await ask(program, payload, { signature, namespace, keys: own, at });
  if (exitCode === 0) return unlessUntouched(embedded);
  return no(whyNot(stderr, embedded));
}

const no = (why: string): SignatureResult => ({ ok: false, why });

/**
 * Refuses the signature of a security key that nobody touched. A program can use a security key
 * without a touch, so such a signature does not prove that a person signed.
 */
const unlessUntouched = ({ keyType, touch }: SshSig): SignatureResult =>
  keyType.startsWith('sk-') && !touch
    ? no('nobody touched the security key (make a key without the option no-touch-required)')
    : { ok: true, keyType, touch };

function whyNot(stderr: string, { keyType }: SshSig): string {
  const validBefore = /valid-before (\S+)/.exec(stderr)?.[1];
  if (/key has expired/.test(stderr))
    return `its key expired at ${validBefore ?? 'an unknown time'}`;
  const validAfter = /valid-after (\S+)/.exec(stderr)?.[1];
  if (/key is not yet valid/.test(stderr))
    return `its key is not valid before ${validAfter ?? 'a later time'}`;
  return `the ${keyType} signature does not match the signed content`;
}

type Claim = { signature: string; namespace: string; keys: KeyLine[]; at: Date | undefined };

async function ask(program: string, payload: unknown, { signature, namespace, keys, at }: Claim) {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-verify-'));
  try {
    const allowed = join(directory, 'allowed_signers');
    const signed = join(directory, 'signature');
    await writeFile(allowed, allowedSigners(keys, namespace));
    await writeFile(signed, signature);
    const when = at ? ['-O', `verify-time=${localTime(at)}`] : [];
    const who = ['-f', allowed, '-I', 'signer', '-n', namespace, '-s', signed];
    const argv = ['-Y', 'verify', ...when, ...who];
    const answer = await execaChild(program, argv, {
      input: canonicalJson(payload),
      timeout: boundMs,
      reject: false,
      env: childEnvironment({ LC_ALL: 'C' }),
    });
    if (answer.code === 'ENOENT') throw noSshKeygen();
    if (answer.timedOut || answer.exitCode === undefined)
      throw transient('ssh-keygen did not answer within 10 s. Plimsoll tries again.');
    return { exitCode: answer.exitCode, stderr: answer.stderr };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Returns a time for the option verify-time of ssh-keygen, as YYYYMMDDHHMMSS in local time.
 * ssh-keygen reads the times in `valid-after` as local time too. OpenSSH 8.9 does not accept a time
 * that ends in `Z` (UTC).
 */
function localTime(at: Date): string {
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()];
  const parts = [...day, at.getHours(), at.getMinutes(), at.getSeconds()];
  return parts.map((part) => String(part).padStart(2, '0')).join('');
}

const noSshKeygen = () =>
  final(
    failures.misconfigured,
    'No signature can be checked: there is no ssh-keygen on the PATH of the worker.\n' +
      'Install OpenSSH 8.9 or newer (Debian: apt install openssh-client) and start the worker again: plimsoll up',
  );
