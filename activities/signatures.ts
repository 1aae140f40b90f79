import { sshKeygen } from './lib/ssh-keygen.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { canonicalJson } from '../domain/canonical.ts';
import { failures } from '../domain/failures.ts';
import type { SignatureResult } from '../domain/policy/approval.ts';
import { final, transient } from './lib/fail.ts';
import { fingerprintOf, isRevoked } from './signatures/revoked.ts';
import { allowedSigners, readKeyLine, type KeyLine } from './signatures/key-line.ts';
import { readSshSig, type SshSig } from './signatures/sshsig.ts';

const boundMs = 10_000;

/**
 * Is `signature` (armored SSHSIG) one of `keys`' over canonicalJson(payload) in this namespace, now?
 * Final misconfigured: no ssh-keygen. Transient: no answer within 10 s, a revocation list that cannot be read.
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
  /** Fingerprints, lines of .pub files, paths of KRLs. */
  revoked?: readonly string[];
  /** Whose keys they are, for the reason. */
  whose?: string;
  /** Its key must have been valid then; absent = now. What is revoked counts at no time. */
  at?: Date;
  /** Path of ssh-keygen. */
  program?: string;
}): Promise<SignatureResult> {
  const claimed = readSshSig(signature);
  if (!claimed) return no('it is not an SSH signature');
  if (claimed.namespace !== namespace)
    return no(`it was made for ${JSON.stringify(claimed.namespace)}, not for "${namespace}"`);
  const known = keys.map(readKeyLine).filter((key) => key !== null);
  const own = known.filter(({ publicKey }) => publicKey === claimed.publicKey);
  if (own.length === 0) return no(`it was made with a key that is not configured for ${whose}`);
  const [key] = own as [KeyLine, ...KeyLine[]];
  if (await isRevoked(key, revoked, program)) return no(`its key ${fingerprintOf(key)} is revoked`);
  const { exitCode, stderr } = await ask(program, payload, { signature, namespace, keys: own, at });
  if (exitCode === 0) return { ok: true, keyType: claimed.keyType, touch: claimed.touch };
  return no(whyNot(stderr, claimed));
}

const no = (why: string): SignatureResult => ({ ok: false, why });

function whyNot(stderr: string, { keyType }: SshSig): string {
  const validBefore = /valid-before (\S+)/.exec(stderr)?.[1];
  if (/key has expired/.test(stderr)) return `its key ran out at ${validBefore ?? 'its end'}`;
  const validAfter = /valid-after (\S+)/.exec(stderr)?.[1];
  if (/key is not yet valid/.test(stderr))
    return `its key is not valid before ${validAfter ?? 'later'}`;
  return `the ${keyType} signature does not fit what was signed`;
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
    const answer = await execa(program, argv, {
      input: canonicalJson(payload),
      timeout: boundMs,
      reject: false,
      env: { LC_ALL: 'C' },
    });
    if (answer.code === 'ENOENT') throw noSshKeygen();
    if (answer.timedOut || answer.exitCode === undefined)
      throw transient('ssh-keygen did not answer within 10 s; the signature will be tried again.');
    return { exitCode: answer.exitCode, stderr: answer.stderr };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** In the zone of the validities beside it; OpenSSH 8.9 does not know the Z yet. */
function localTime(at: Date): string {
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()];
  const parts = [...day, at.getHours(), at.getMinutes(), at.getSeconds()];
  return parts.map((part) => String(part).padStart(2, '0')).join('');
}

const noSshKeygen = () =>
  final(
    failures.misconfigured,
    'No signature can be checked: there is no ssh-keygen on the PATH of the worker.\n' +
      'Install OpenSSH 8.9 or newer (Debian: apt install openssh-client) and start the worker again: npx --no plimsoll up',
  );
