import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { canonicalJson } from '../../domain/canonical.ts';
import { failures } from '../../domain/failures.ts';
import { namespaces } from '../../domain/messages.ts';
import type { Config } from '../../domain/schema.ts';
import { final, transient } from '../lib/fail.ts';
import { own } from '../lib/own.ts';
import { sshKeygen } from '../lib/ssh-keygen.ts';
import { verifySignature } from '../signatures.ts';

type Signer = NonNullable<Config['requests']>;

/** `make`: the command that makes such a key, and where its public half is listed. */
type KeyFile = { key: string; make: string };

export const signAs = (
  signer: Signer,
  payload: unknown,
  namespace: string,
  program = sshKeygen(),
): Promise<string> =>
  signWith({ key: signer.key, make: make(signer) }, payload, namespace, program);

/** The armored SSHSIG over canonicalJson(payload), with nobody there to ask. Final misconfigured: the key cannot. */
export async function signWith(
  file: KeyFile,
  payload: unknown,
  namespace: string,
  program = sshKeygen(),
): Promise<string> {
  const args = ['-Y', 'sign', '-n', namespace, '-f', file.key];
  const answer = await execa(program, args, {
    input: canonicalJson(payload),
    timeout: 10_000,
    reject: false,
    // Without its own session ssh-keygen would ask on the terminal.
    detached: true,
    env: { LC_ALL: 'C', SSH_ASKPASS_REQUIRE: 'never' },
  });
  if (answer.timedOut) throw transient('ssh-keygen did not answer within 10 s; it is tried again.');
  const { exitCode, stdout, stderr } = answer;
  if (exitCode === 0 && stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) return `${stdout}\n`;
  throw final(failures.misconfigured, explain(file, stderr));
}

/** Can the worker ask, as this requester, with this key? Final misconfigured, with the remedy. */
export async function proveSigner(
  config: Pick<Config, 'requests' | 'requesters' | 'revoked'>,
): Promise<string> {
  const { requests, requesters, revoked } = config;
  if (!requests) return 'not configured';
  const payload = { subject: 'a signature on trial' };
  const namespace = namespaces.request;
  const signature = await signAs(requests, payload, namespace);
  const { keys = [] } = own(requesters, requests.as) ?? {};
  const result = await verifySignature({ payload, signature, namespace, keys, revoked });
  if (!result.ok) throw final(failures.misconfigured, anotherKey(requests, result.why));
  return `${requests.as} signs with ${requests.key}`;
}

const make = ({ as, key }: Signer) =>
  `ssh-keygen -t ed25519 -N '' -f ${key}, and list ${key}.pub under requesters.${as}.keys`;

function explain({ key, make: how }: KeyFile, stderr: string): string {
  const cannot = `The worker cannot sign with ${key}, because`;
  if (!existsSync(key)) return `${cannot} there is no such file.\nMake it: ${how}`;
  if (/passphrase/i.test(stderr))
    return `${cannot} it has a passphrase, and nobody can type it there.\nMake another: ${how}`;
  if (/too open|permission denied/i.test(stderr))
    return `${cannot} the worker's user must be able to read it, and nobody else.\nMend it: chmod 600 ${key}; ls -l ${key}`;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return `${cannot} ssh-keygen said: ${said.slice(0, 200) || 'nothing'}.\nTry it: ssh-keygen -Y sign -n test -f ${key} </dev/null`;
}

const anotherKey = ({ as, key }: Signer, why: string) =>
  `What requests.key ${key} signs for ${as} would be refused: ${why}.\n` +
  `List a good key under requesters.${as}.keys and name it in requests.key; ssh-keygen -y -f ${key} prints this one.`;
