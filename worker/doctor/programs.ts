import { execFile } from 'node:child_process';
import { sshKeygen } from '../../activities/lib/ssh-keygen.ts';
import { UserError } from '../../domain/user-error.ts';
import { check } from './finding.ts';
import type { Finding } from './finding.ts';

type Programs = { node?: string; git?: string; keygen?: string };

/** What Plimsoll runs on this machine. */
export const programs = ({
  node = process.versions.node,
  git = 'git',
  keygen = sshKeygen(),
}: Programs = {}): Promise<Finding>[] => [
  check('node', () => nodeVersion(node)),
  check('git', () => gitVersion(git)),
  check('ssh-keygen', () => keygenSigns(keygen)),
];

const atLeast = (version: string, [major, minor]: readonly [number, number]) => {
  const [has = 0, hasMinor = 0] = version.split('.').map(Number);
  return has > major || (has === major && hasMinor >= minor);
};

function nodeVersion(version: string): string {
  if (atLeast(version, [22, 18])) return version;
  throw new UserError(
    `Node ${version} is too old: Plimsoll needs 22.18 or newer.\n` +
      'Install a newer one from https://nodejs.org, then: node --version',
  );
}

async function gitVersion(program: string): Promise<string> {
  const { missing, text } = await run(program, ['--version']);
  const version = /git version (\d+\.\d+[\d.]*)/.exec(text)?.[1];
  if (missing || version === undefined)
    throw new UserError(
      'There is no git here; Plimsoll reads and reverts commits with it.\n' +
        'Install git 2.39 or newer, then: git --version',
    );
  if (atLeast(version, [2, 39])) return version.replace(/\.$/, '');
  throw new UserError(
    `git ${version} is too old: Plimsoll needs 2.39 or newer to revert without a work tree.\n` +
      'Install a newer one, then: git --version',
  );
}

async function keygenSigns(program: string): Promise<string> {
  // Without arguments that it knows it prints its usage and fails: only the text counts.
  const { missing, text } = await run(program, ['-?']);
  if (!missing && text.includes('-Y sign')) return program;
  throw new UserError(
    `${missing ? 'There is no ssh-keygen here' : `${program} cannot sign`}; ` +
      'requests and approvals are signed with it.\n' +
      'Install OpenSSH 8.2 or newer, then: ssh -V',
  );
}

const run = (program: string, args: string[]) =>
  new Promise<{ missing: boolean; text: string }>((resolve) =>
    execFile(program, args, { timeout: 10_000 }, (error, stdout, stderr) =>
      resolve({
        missing: (error as NodeJS.ErrnoException | null)?.code === 'ENOENT',
        text: stdout + stderr,
      }),
    ),
  );
