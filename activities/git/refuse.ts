import { failures } from '../../domain/deploy/failures.ts';
import { shellWord } from '../../domain/lib/shell-word.ts';
import { plainRef } from '../../domain/lib/ref.ts';
import { visible } from '../../domain/lib/visible.ts';
import { final, transient } from '../lib/fail.ts';
import type { GitAnswer } from './run.ts';

/** Returns the address without user, password and query. People may see this address. */
export function shown(repository: string): string {
  if (!/^https?:/.test(repository)) return repository;
  const { origin, pathname } = new URL(repository);
  return `${origin}${pathname}`;
}

/**
 * True if git reads the text as a name, and not as an option, a range or a reflog expression. A name
 * with invisible characters is refused, because people could not tell two names apart.
 */
export const isPlainRef = (ref: string) => plainRef.test(ref) && visible(ref) === ref;

export const badRef = (ref: string) =>
  final(
    failures.refused,
    `"${visible(ref)}" is not a valid name of a branch, a tag or a commit.\n` +
      'Give a name such as main, v1.2.3 or the 40 digits of a commit.',
  );

export const noSuchRef = (repository: string, ref: string) =>
  final(
    failures.refused,
    `${shown(repository)} has no branch, tag or commit "${ref}".\n` +
      `To see all names: git ls-remote ${shellWord(shown(repository))}`,
  );

export const ambiguousRef = (ref: string) =>
  final(
    failures.refused,
    `"${ref}" names both a branch and a tag, at different commits.\n` +
      `For the branch, write refs/heads/${ref}. For the tag, write refs/tags/${ref}.`,
  );

/**
 * Returns the failure for a commit that is on no branch and under no tag. A git server also returns
 * commits of forks and of deleted branches. Nobody merged these commits.
 */
export const unreachable = (repository: string, sha: string) =>
  final(
    failures.refused,
    `${sha.slice(0, 12)} is on no branch and under no tag of ${shown(repository)}.\n` +
      `Push it to a branch first: git push origin ${sha.slice(0, 12)}:refs/heads/NAME`,
  );

const denied =
  /authentication failed|could not read (username|password)|error: 40[13]|permission denied|access denied/i;
const missing = /repository .*not found|not found|does not appear to be a git repository/i;

const lastLine = (stderr: string) =>
  stderr
    .trim()
    .split('\n')
    .findLast((line) => /^(fatal|error|remote):/.test(line)) ?? 'git gave no reason';

/**
 * Returns the failure of a git command that called the remote. The failure is final if the remote
 * denied access or has no such repository. The failure is transient if the remote did not answer.
 */
export function remoteFailure(repository: string, answer: GitAnswer): Error {
  const url = shown(repository);
  if (denied.test(answer.stderr))
    return final(
      failures.misconfigured,
      `${url} refuses this worker: ${lastLine(answer.stderr)}\n` +
        'Give the worker a token that may read this repository (github.token in plimsoll.yaml) ' +
        `or, for an ssh address, a key.\nTry it: git ls-remote ${shellWord(url)}`,
    );
  if (missing.test(answer.stderr))
    return final(
      failures.misconfigured,
      `There is no repository at ${url}, or this worker may not see it.\n` +
        `Check "repository" in plimsoll.yaml: git ls-remote ${shellWord(url)}`,
    );
  return transient(`${url} did not answer: ${lastLine(answer.stderr)}`);
}

/**
 * Returns the failure of a git command in the mirror. The mirror is on this machine, so the remote
 * is not the cause. `what` is the failed work, such as "read a tree".
 */
export const brokenMirror = (what: string, answer: GitAnswer) =>
  transient(`git could not ${what}: ${lastLine(answer.stderr)}`);
