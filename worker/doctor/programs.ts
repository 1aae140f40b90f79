import { childEnvironment } from '../../activities/lib/child-environment.ts';
import { askChild } from '../../activities/lib/child.ts';
import { sshKeygen } from '../../activities/lib/ssh-keygen.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { check } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';

type Programs = { node?: string; git?: string; keygen?: string };

/** Checks the programs that Plimsoll runs on this machine: node, git and ssh-keygen. */
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
      'Install a newer Node from https://nodejs.org, then: node --version',
  );
}

async function gitVersion(program: string): Promise<string> {
  const { missing, text } = await run(program, ['--version']);
  const version = /git version (\d+\.\d+[\d.]*)/.exec(text)?.[1];
  if (missing || version === undefined)
    throw new UserError(
      'There is no git on this machine; Plimsoll needs it to read and revert commits.\n' +
        'Install git 2.39 or newer, then: git --version',
    );
  if (atLeast(version, [2, 39])) return version.replace(/\.$/, '');
  throw new UserError(
    `git ${version} is too old: Plimsoll needs 2.39 or newer to revert without a work tree.\n` +
      'Install a newer git, then: git --version',
  );
}

async function keygenSigns(program: string): Promise<string> {
  // With an unknown argument, ssh-keygen prints its usage and fails. So the exit code is ignored.
  const { missing, text } = await run(program, ['-?']);
  if (!missing && text.includes('-Y sign')) return program;
  throw new UserError(
    `${missing ? 'There is no ssh-keygen on this machine' : `${program} cannot sign`}; ` +
      'Plimsoll needs it to sign requests and approvals.\n' +
      'Install OpenSSH 8.9 or newer, then: ssh -V',
  );
}

const run = (program: string, args: string[]) =>
  askChild(program, args, { env: childEnvironment() });
