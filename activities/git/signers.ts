import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sshKeygen } from '../lib/ssh-keygen.ts';
import { brokenMirror } from './refuse.ts';
import type { InMirror } from './mirror.ts';

/**
 * The range of commits, and the content of an allowed_signers file of ssh-keygen. Each line begins
 * with the name of a person.
 */
export type SignedRange = { from: string | null; to: string; allowed: string };

const most = 1000;
const format = '--format=%H%x00%G?%x00%GS%x00';

/**
 * Returns the name of the person who signed each commit, by the full SHA of the commit. The result
 * contains only commits with a good SSH signature by a key of the file. Reads at most the newest
 * 1,000 commits.
 *
 * Here, git does not run gpg, because the keyring of the worker's user could name any person.
 */
export async function readSigners(
  git: InMirror,
  { from, to, allowed }: SignedRange,
): Promise<Map<string, string>> {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-signers-'));
  try {
    const file = join(directory, 'allowed_signers');
    await writeFile(file, allowed, { mode: 0o600 });
    const settings = {
      'gpg.ssh.allowedSignersFile': file,
      'gpg.ssh.program': sshKeygen(),
      ...{ 'gpg.program': 'false', 'gpg.openpgp.program': 'false', 'gpg.x509.program': 'false' },
    };
    const options = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const range = from === null ? [to] : [to, `^${from}`];
    const log = ['log', `--max-count=${most}`, format, ...range, '--'];
    const answer = await git([...options, ...log], { timeoutMs: 4 * 60_000 });
    if (answer.code !== 0) throw brokenMirror('verify the signatures of the commits', answer);
    return parse(answer.stdout);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function parse(stdout: string): Map<string, string> {
  const fields = stdout.split('\0');
  const signers = new Map<string, string>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [sha = '', state = '', signer = ''] = fields.slice(at, at + 3);
    if (state === 'G' && signer !== '') signers.set(sha.trim(), signer);
  }
  return signers;
}
