import { appendFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox } from '../sandbox.ts';
import type { Sandbox } from '../sandbox.ts';
import type { VpsHostHandle } from '../vps/start-vps-host.ts';
import { testPush } from './ci.ts';

export type PracticeOptions = {
  /** Of the repository, and of the unit on the host. */
  name: string;
  /** Gets everything. */
  directory: string;
  /** Whose public keys the host lets in. */
  home: string;
  /** A line for every commit that was tested. */
  tell: (line: string) => void;
};
export type Practice = {
  name: string;
  /** Address of the empty repository, without a secret in it. */
  repository: string;
  /** For git's credential helper "store". */
  credentials: string;
  github: string;
  token: string;
  host: VpsHostHandle;
  close(): Promise<void>;
};

/** An empty repository, a GitHub whose CI runs `npm test`, and a host whose unit runs `node server.mjs`. */
export async function openPractice(options: PracticeOptions): Promise<Practice> {
  const { name, directory, home, tell } = options;
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(name)) throw badName(name);
  const keys = publicKeys(home);
  let running: Sandbox | undefined;
  const sandbox = await startSandbox({
    directory,
    hosts: [{ name, service: { unit: name }, server: 'sshd' }],
    // A push is answered when its commit is tested: nobody deploys too early.
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
    `"${name}" is no name for a practice project: use lower case letters, digits and "-".\n` +
      `For example: ${again} -- shop`,
  );

const noKey = (directory: string) =>
  new Error(
    `There is no public key in ${directory}, so the practice host would let nobody in.\n` +
      `Make one and try again: ssh-keygen -t ed25519 && ${again}`,
  );

const notStarted = (cause: Error) =>
  new Error(
    `The practice host did not start: ${cause.message}\n` +
      'It needs the server of OpenSSH and git on this machine: ' +
      `sudo apt-get install openssh-server git, then: ${again}`,
  );
