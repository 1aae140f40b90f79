import { childEnvironment } from '../../activities/lib/child-environment.ts';
import { sshKeygen } from '../../activities/lib/ssh-keygen.ts';
import { canonicalJson } from '../../domain/lib/canonical.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { isKeyText, withKeyFile } from './key-file.ts';

type SignInput = {
  payload: unknown;
  /**
   * The path of a private key, the text of a private key, or the path of the .pub file of a key in
   * the ssh agent.
   */
  keyPath: string;
  namespace: string;
  /** If false, ssh-keygen never asks for a passphrase. Default: true if stdin is a terminal. */
  interactive?: boolean;
  /**
   * Receives the lines in which ssh-keygen asks for a touch or a PIN. Default: prints them on
   * stderr.
   */
  say?: (text: string) => void;
  /** The path of ssh-keygen. */
  program?: string;
};

/**
 * Returns the armored SSHSIG over canonicalJson(payload). Throws a UserError if the key is missing,
 * locked or unreadable.
 */
export const signPayload = (input: SignInput): Promise<string> =>
  isKeyText(input.keyPath)
    ? withKeyFile(input.keyPath, (keyPath) => signWith({ ...input, keyPath, isText: true }))
    : signWith({ ...input, isText: false });

async function signWith(input: SignInput & { isText: boolean }): Promise<string> {
  const { payload, keyPath, namespace, interactive = process.stdin.isTTY } = input;
  const { execaChild } = await import('../../activities/lib/execa-child.ts');
  const child = execaChild(
    input.program ?? sshKeygen(),
    ['-Y', 'sign', '-n', namespace, '-f', keyPath],
    {
      input: canonicalJson(payload),
      timeout: interactive ? 120_000 : 10_000,
      reject: false,
      // A detached ssh-keygen has no terminal, so it cannot ask for a passphrase.
      detached: !interactive,
      env: childEnvironment({
        LC_ALL: 'C',
        ...(interactive ? {} : { SSH_ASKPASS_REQUIRE: 'never' }),
      }),
    },
  );
  const words = forwardTouchRequest(child.iterable({ from: 'stderr' }), input.say ?? toStderr);
  const [{ exitCode, stdout, stderr, code, timedOut }] = await Promise.all([child, words]);
  if (exitCode === 0 && stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) return `${stdout}\n`;
  throw new UserError(explain({ ...input, stderr, timedOut, missing: code === 'ENOENT' }));
}

const toStderr = (text: string) => void process.stderr.write(`${text}\n`);

/**
 * Forwards the lines in which ssh-keygen asks for a touch or a PIN. These lines tell the person
 * that the security key waits.
 */
async function forwardTouchRequest(lines: AsyncIterable<unknown>, say: (text: string) => void) {
  try {
    for await (const line of lines) {
      if (/confirm user presence|enter pin/i.test(String(line))) say(String(line));
    }
  } catch {
    // Only the exit code shows whether the key has signed, so an error on stderr does not matter.
  }
}

type Failure = SignInput & {
  isText: boolean;
  stderr: string;
  timedOut: boolean;
  missing: boolean;
};

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? 'nothing';

function explain(failure: Failure): string {
  const { isText, keyPath } = failure;
  const [why, remedy] = isText ? whyNotText(failure) : reasonOf(failure);
  return `Cannot sign with ${isText ? 'the key in PLIMSOLL_KEY' : keyPath}: ${why}.\n${remedy}`;
}

/**
 * Explains why the key text of PLIMSOLL_KEY failed. The temporary key file is already deleted, so
 * the remedy names the stored secret.
 */
function whyNotText(failure: Failure): [why: string, remedy: string] {
  if (/passphrase/i.test(failure.stderr))
    return [
      'it has a passphrase, which nobody can type here',
      "Store a separate key without a passphrase: ssh-keygen -t ed25519 -N '' -f plimsoll-ci",
    ];
  if (failure.missing) return reasonOf(failure);
  return [
    'ssh-keygen cannot read it as a private key',
    'Store the whole key file with its first and last line, or name the file: --key PATH',
  ];
}

function reasonOf({ keyPath, stderr, timedOut, missing }: Failure): [why: string, remedy: string] {
  const load = `ssh-add ${keyPath.replace(/\.pub$/, '')}`;
  if (missing)
    return [
      'there is no ssh-keygen on the PATH or in the usual directories',
      'Install OpenSSH 8.9 or newer (Debian: apt install openssh-client) and try again.',
    ];
  if (/passphrase/i.test(stderr))
    return [
      'its passphrase was wrong, or there is no terminal on which to ask for it',
      `Load it into the agent first: ${load}`,
    ];
  if (/no such file|could(n't| not) load public key/i.test(stderr))
    return [
      'there is no such key',
      `Make a key with: ssh-keygen -t ed25519 -f ${keyPath}, or name another key with --key PATH or ` +
        'PLIMSOLL_KEY. An empty PLIMSOLL_KEY counts as not set: in a CI job, check its secret.',
    ];
  if (/too open|permission denied/i.test(stderr))
    return ['it must be readable only by you', `Fix it: chmod 600 ${keyPath}`];
  if (/no private key found|agent/i.test(stderr))
    return [
      'its private key is not in the same directory, and not in the ssh agent',
      `Load it: ${load}`,
    ];
  if (timedOut)
    return [
      'nobody typed the passphrase or touched the key in time',
      `Try again, or load it first: ${load}`,
    ];
  const attempt = `ssh-keygen -Y sign -n test -f ${keyPath} </dev/null`;
  return [`ssh-keygen said: ${lastLine(stderr)}`, `Try it: ${attempt}`];
}
