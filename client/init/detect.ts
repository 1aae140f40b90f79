import { readdir, readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { childEnvironment } from '../../activities/lib/child-environment.ts';
import { sshKeygen } from '../../activities/lib/ssh-keygen.ts';
import type { Io } from '../io.ts';

/**
 * The values that init detected on this machine. Undefined stands for a value that init could not
 * detect.
 */
export type Detected = {
  repository: string | undefined;
  project: string | undefined;
  /** The default branch of the remote. */
  branch: string | undefined;
  email: string | undefined;
  name: string;
  /**
   * The usable public keys in ~/.ssh. id_ed25519.pub comes first. The other keys are sorted by
   * path.
   */
  keys: { path: string; line: string }[];
};

const name = (text: string) =>
  text.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '');

export async function detect(io: Io, directory: string): Promise<Detected> {
  const git = async (...args: string[]) => {
    const { execaChild } = await import('../../activities/lib/execa-child.ts');
    const options = { reject: false, env: childEnvironment() } as const;
    const { stdout, exitCode } = await execaChild('git', ['-C', directory, ...args], options);
    return exitCode === 0 ? stdout?.trim() || undefined : undefined;
  };
  const repository = await git('remote', 'get-url', 'origin');
  return {
    repository,
    branch: await branchOf(git),
    project: repository && name(basename(repository, '.git').replace(/^.*:/, '')),
    email: await git('config', 'user.email'),
    name: name(io.env['PLIMSOLL_AS'] ?? userInfo().username),
    keys: await publicKeys(join(io.env['HOME'] || homedir(), '.ssh')),
  };
}

type Git = (...args: string[]) => Promise<string | undefined>;

/**
 * Returns the default branch of the remote "origin". Does not connect to the remote, because a
 * clone stores the name of this branch. A repository that was never cloned has only its own branch.
 */
async function branchOf(git: Git): Promise<string | undefined> {
  const remote = await git('symbolic-ref', '--short', 'refs/remotes/origin/HEAD');
  if (remote) return remote.replace(/^origin\//, '');
  for (const name of ['main', 'master'])
    if (await git('rev-parse', '--verify', '--quiet', `refs/remotes/origin/${name}`)) return name;
  return git('symbolic-ref', '--short', 'HEAD');
}

const usable =
  /^(?:sk-)?(?:ssh-ed25519|ecdsa-sha2-nistp256|ssh-rsa)(?:@openssh\.com)? [A-Za-z0-9+/=]+/;

async function publicKeys(directory: string) {
  const files = await readdir(directory).catch(() => []);
  const paths = files.filter((file) => file.endsWith('.pub')).map((file) => join(directory, file));
  const keys = await Promise.all(
    paths.map(async (path) => ({
      path,
      line: usable.exec(await readFile(path, 'utf8'))?.[0] ?? '',
    })),
  );
  const rank = ({ path }: { path: string }) => (path.endsWith('id_ed25519.pub') ? 0 : 1);
  return keys
    .filter(({ line }) => line !== '')
    .toSorted((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
}

/**
 * Returns the path of the private key, if this file exists and has no passphrase. If not, returns
 * undefined, and the ssh agent must provide the key.
 */
export async function identityBeside(publicKey: string): Promise<string | undefined> {
  const path = publicKey.replace(/\.pub$/, '');
  const { execaChild } = await import('../../activities/lib/execa-child.ts');
  const options = { reject: false, env: childEnvironment() } as const;
  const { exitCode } = await execaChild(sshKeygen(), ['-y', '-P', '', '-f', path], options);
  return exitCode === 0 ? path : undefined;
}
