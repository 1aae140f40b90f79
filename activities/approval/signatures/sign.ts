import { existsSync } from 'node:fs';
import { canonicalJson } from '../../../domain/lib/canonical.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { namespaces } from '../../../domain/deploy/wire.ts';
import type { Config } from '../../../domain/config/config.ts';
import { childEnvironment } from '../../lib/child-environment.ts';
import { execaChild } from '../../lib/execa-child.ts';
import { final, transient } from '../../lib/fail.ts';
import { own } from '../../lib/own.ts';
import { sshKeygen } from '../../lib/ssh-keygen.ts';
import { verifySignature } from './signatures.ts';

type Signer = NonNullable<Config['requests']>;

/**
 * `key` is the path of the private key. `make` is a text for people. The text says how to make the
 * key, and where to list its public key.
 */
type KeyFile = { key: string; make: string };

export const signAs = (
  signer: Signer,
  payload: unknown,
  namespace: string,
  program = sshKeygen(),
): Promise<string> =>
  signWith({ key: signer.key, make: make(signer) }, payload, namespace, program);

/**
 * Signs canonicalJson(payload) with the private key, and returns the signature as an armored
 * SSHSIG. ssh-keygen never asks for a passphrase. Throws a final failure of type 'misconfigured' if
 * the key cannot sign. Throws a transient failure if ssh-keygen does not answer within 10 s.
 */
export async function signWith(
  file: KeyFile,
  payload: unknown,
  namespace: string,
  program = sshKeygen(),
): Promise<string> {
  const args = ['-Y', 'sign', '-n', namespace, '-f', file.key];
  const answer = await execaChild(program, args, {
    input: canonicalJson(payload),
    timeout: 10_000,
    reject: false,
    // ssh-keygen gets its own session, so it cannot ask for a passphrase on the terminal.
    detached: true,
    env: childEnvironment({ LC_ALL: 'C', SSH_ASKPASS_REQUIRE: 'never' }),
  });
  if (answer.timedOut)
    throw transient('ssh-keygen did not answer within 10 s. Plimsoll tries again.');
  const { exitCode, stdout, stderr } = answer;
  if (exitCode === 0 && stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) return `${stdout}\n`;
  throw final(failures.misconfigured, explain(file, stderr));
}

/**
 * Checks that the worker can sign as the requester `requests.as` with the key `requests.key`.
 * Returns a line of text for people. If the check fails, throws a final failure of type
 * 'misconfigured'. The message of the failure says how to fix the key.
 */
export async function proveSigner(
  config: Pick<Config, 'requests' | 'requesters' | 'revoked'>,
): Promise<string> {
  const { requests, requesters, revoked } = config;
  if (!requests) return 'not configured';
  const payload = { subject: 'a test signature' };
  const namespace = namespaces.request;
  const signature = await signAs(requests, payload, namespace);
  const { keys = [] } = own(requesters, requests.as) ?? {};
  const result = await verifySignature({ payload, signature, namespace, keys, revoked });
  if (!result.ok) throw final(failures.misconfigured, anotherKey(requests, result.why));
  return `${requests.as} signs with ${requests.key}`;
}

const make = ({ as, key }: Signer) =>
  `ssh-keygen -t ed25519 -N '' -f ${key}\n` +
  `Then list the line in ${key}.pub under requesters.${as}.keys in plimsoll.yaml.`;

function explain({ key, make: how }: KeyFile, stderr: string): string {
  const cannot = `The worker cannot sign with ${key}, because`;
  if (!existsSync(key)) return `${cannot} there is no such file.\nMake the key with: ${how}`;
  if (/passphrase/i.test(stderr))
    return (
      `${cannot} the key has a passphrase, and nobody can type it in the worker.\n` +
      `Make a key without a passphrase: ${how}`
    );
  if (/too open|permission denied/i.test(stderr))
    return (
      `${cannot} the permissions of the key are wrong. Only the worker's user may read it.\n` +
      `Fix it: chmod 600 ${key}; ls -l ${key}`
    );
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return `${cannot} ssh-keygen said: ${said.slice(0, 200) || 'nothing'}.\nTry it: ssh-keygen -Y sign -n test -f ${key} </dev/null`;
}

const anotherKey = ({ as, key }: Signer, why: string) =>
  `A signature by requests.key ${key} for ${as} would be refused: ${why}.\n` +
  `List a valid public key under requesters.${as}.keys, ` +
  'and set requests.key to the path of its private key.\n' +
  `This prints the public key of ${key}: ssh-keygen -y -f ${key}`;
