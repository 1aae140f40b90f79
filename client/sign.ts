import { execa } from 'execa';
import { sshKeygen } from '../activities/lib/ssh-keygen.ts';
import { canonicalJson } from '../domain/canonical.ts';
import { UserError } from '../domain/user-error.ts';
import { isKeyText, withKeyFile } from './key-file.ts';

type SignInput = {
  payload: unknown;
  /** A private key, the .pub of one that the ssh agent holds, or the text of a private key. */
  keyPath: string;
  namespace: string;
  /** False: never ask for a passphrase, as with --no-input. */
  interactive?: boolean;
  /** Path of ssh-keygen. */
  program?: string;
};

/**
 * The armored SSHSIG over canonicalJson(payload). UserError: the key is missing, locked,
 * unreadable.
 */
export const signPayload = (input: SignInput): Promise<string> =>
  isKeyText(input.keyPath)
    ? withKeyFile(input.keyPath, (keyPath) => signWith({ ...input, keyPath, isText: true }))
    : signWith({ ...input, isText: false });

async function signWith(input: SignInput & { isText: boolean }): Promise<string> {
  const { payload, keyPath, namespace, interactive = process.stdin.isTTY } = input;
  const child = execa(
    input.program ?? sshKeygen(),
    ['-Y', 'sign', '-n', namespace, '-f', keyPath],
    {
      input: canonicalJson(payload),
      timeout: interactive ? 120_000 : 10_000,
      reject: false,
      // Without its own session ssh-keygen would ask on the terminal.
      detached: !interactive,
      env: { LC_ALL: 'C', ...(interactive ? {} : { SSH_ASKPASS_REQUIRE: 'never' }) },
    },
  );
  const words = forwardTouchRequest(child.iterable({ from: 'stderr' }));
  const [{ exitCode, stdout, stderr, code, timedOut }] = await Promise.all([child, words]);
  if (exitCode === 0 && stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) return `${stdout}\n`;
  throw new UserError(explain({ ...input, stderr, timedOut, missing: code === 'ENOENT' }));
}

/** A security key waits for a finger: the person must be told, or nothing seems to happen. */
async function forwardTouchRequest(lines: AsyncIterable<unknown>) {
  try {
    for await (const line of lines) {
      if (/confirm user presence|enter pin/i.test(String(line)))
        process.stderr.write(`${String(line)}\n`);
    }
  } catch {
    // The exit code tells the whole story.
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

/** Its file is gone when this is read: only the secret itself can be mended. */
function whyNotText(failure: Failure): [why: string, remedy: string] {
  if (/passphrase/i.test(failure.stderr))
    return [
      'it has a passphrase, which nobody can type here',
      "Store a key of its own without one: ssh-keygen -t ed25519 -N '' -f plimsoll-ci",
    ];
  if (failure.missing) return reasonOf(failure);
  return [
    'it is no private key that ssh-keygen can read',
    'Store the whole file, its first and its last line too, or name a file: --key PATH',
  ];
}

function reasonOf({ keyPath, stderr, timedOut, missing }: Failure): [why: string, remedy: string] {
  const load = `ssh-add ${keyPath.replace(/\.pub$/, '')}`;
  if (missing)
    return [
      'there is no ssh-keygen on the PATH, nor where systems keep it',
      'Install OpenSSH 8.9 or newer (Debian: apt install openssh-client) and try again.',
    ];
  if (/passphrase/i.test(stderr))
    return [
      'it needs its passphrase, and there is no terminal to ask on or it was wrong',
      `Load it into the agent first: ${load}`,
    ];
  if (/no such file|could(n't| not) load public key/i.test(stderr))
    return [
      'there is no such key',
      `Make one: ssh-keygen -t ed25519 -f ${keyPath}, or name another with --key PATH`,
    ];
  if (/too open|permission denied/i.test(stderr))
    return ['it must be readable by you and by nobody else', `Mend it: chmod 600 ${keyPath}`];
  if (/no private key found|agent/i.test(stderr))
    return ['its private half is neither beside it nor in the ssh agent', `Load it: ${load}`];
  if (timedOut)
    return [
      'nobody typed the passphrase or touched the key in time',
      `Try again, or load it first: ${load}`,
    ];
  const attempt = `ssh-keygen -Y sign -n test -f ${keyPath} </dev/null`;
  return [`ssh-keygen said: ${lastLine(stderr)}`, `Try it: ${attempt}`];
}
