import { appendFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox } from '../sandbox.ts';
import type { Sandbox } from '../sandbox.ts';
import type { VpsHostHandle } from '../platforms/vps/start-vps-host.ts';
import { testPush } from './ci.ts';

export type PracticeOptions = {
  /** The name of the repository and of the unit on the host. */
  name: string;
  /** The directory of all files of the practice. */
  directory: string;
  /** The home directory of the user. The host accepts the public keys in its directory .ssh. */
  home: string;
  /** Receives a line about the result of each tested commit, for people. */
  tell: (line: string) => void;
};
export type Practice = {
  name: string;
  /** The address of the empty repository. The address contains no secret. */
  repository: string;
  /** The path of a file that git's credential helper "store" can read. */
  credentials: string;
  github: string;
  token: string;
  host: VpsHostHandle;
  close(): Promise<void>;
};

/**
 * Starts an empty repository, a stand-in for GitHub, and a VPS host. The CI of the stand-in runs
 * `npm test`. The unit of the VPS host runs `node server.mjs`.
 */
export async function openPractice(options: PracticeOptions): Promise<Practice> {
  const { name, directory, home, tell } = options;
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(name)) throw badName(name);
  const keys = publicKeys(home);
  let running: Sandbox | undefined;
  const sandbox = await startSandbox({
    directory,
    hosts: [{ name, service: { unit: name }, server: 'sshd' }],
    // The response to a push waits until the pushed commit is tested, so that nobody can deploy an
    // untested commit.
    onPush: async (push) => {
      if (running) await testPush({ ...running, directory: join(directory, 'ci'), tell }, push);
    },
  }).catch((cause: Error) => {
    throw notStarted(cause);
  });
  running = sandbox;
  const { git, github, tokens } = sandbox;
  const [host] = sandbox.hosts as [VpsHostHandle];
  appendFileSync(join(directory, 'hosts', name, 'etc', 'authorized_keys'), keys.join(''));
  await git.createRepository(`practice/${name}`, []);
  const credentials = join(directory, 'credentials');
  const login = git.address.replace('//', `//practice:${tokens.github}@`);
  writeFileSync(credentials, `${login}\n`, { mode: 0o600 });
  return {
    ...{ name, credentials, host, github: github.address, token: tokens.github },
    repository: git.url(`practice/${name}`),
    close: sandbox.close,
  };
}

function publicKeys(home: string): string[] {
  const directory = join(home, '.ssh');
  const files = ls(directory).filter((file) => file.endsWith('.pub'));
  if (files.length === 0) throw noKey(directory);
  return files.map((file) => `${readFileSync(join(directory, file), 'utf8').trim()}\n`);
}

function ls(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

const again = 'npm run practice';

const badName = (name: string) =>
  new Error(
    `"${name}" is not a valid name for a practice project. ` +
      'Use at most 31 lower case letters, digits and "-", and begin with a letter or a digit.\n' +
      `For example: ${again} -- shop`,
  );

const noKey = (directory: string) =>
  new Error(
    `There is no public key in ${directory}, so nobody could log in to the practice host.\n` +
      `Create a key and try again: ssh-keygen -t ed25519 && ${again}`,
  );

const notStarted = (cause: Error) =>
  new Error(
    `The practice host did not start: ${cause.message}\n` +
      'The practice host needs git and the OpenSSH server. Install both, then try again: ' +
      `sudo apt-get install openssh-server git && ${again}`,
  );
