import { failures } from '../../domain/failures.ts';
import { final, transient } from '../lib/fail.ts';
import type { GitAnswer } from './run.ts';

/** Without user, password or query: safe to show. */
export function shown(repository: string): string {
  if (!/^https?:/.test(repository)) return repository;
  const { origin, pathname } = new URL(repository);
  return `${origin}${pathname}`;
}

/** Not a name that git could take for an option, a range or a reflog expression. */
export const isPlainRef = (ref: string) =>
  ref.length <= 255 &&
  !/^[-/]|[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.lock$|\.$/.test(ref) &&
  ref !== '@';

export const badRef = (ref: string) =>
  final(
    failures.refused,
    `${JSON.stringify(ref)} is not a branch, a tag or a commit: such a name is never passed to git.\n` +
      'Give a name such as main, v1.2.3 or the 40 digits of a commit.',
  );

export const noSuchRef = (repository: string, ref: string) =>
  final(
    failures.refused,
    `${shown(repository)} has no branch, tag or commit "${ref}".\n` +
      `See what there is: git ls-remote ${shown(repository)}`,
  );

export const ambiguousRef = (ref: string) =>
  final(
    failures.refused,
    `"${ref}" names both a branch and a tag, at different commits.\n` +
      `Say which: refs/heads/${ref} or refs/tags/${ref}.`,
  );

/** Servers answer commits of forks and of deleted branches too: nobody merged those. */
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

/** A failed talk with the remote: final when it said no, transient when it did not answer. */
export function remoteFailure(repository: string, answer: GitAnswer): Error {
  const url = shown(repository);
  if (denied.test(answer.stderr))
    return final(
      failures.misconfigured,
      `${url} refuses this worker: ${lastLine(answer.stderr)}\n` +
        'Give the worker a token that may read it (github.token in plimsoll.yaml) or, for an ' +
        `ssh address, a key.\nTry it: git ls-remote ${url}`,
    );
  if (missing.test(answer.stderr))
    return final(
      failures.misconfigured,
      `There is no repository at ${url}, or this worker may not see it.\n` +
        `Check "repository" in plimsoll.yaml: git ls-remote ${url}`,
    );
  return transient(`${url} did not answer: ${lastLine(answer.stderr)}`);
}

/** Plumbing on our own mirror failed: not the remote's doing. */
export const brokenMirror = (what: string, answer: GitAnswer) =>
  transient(`git could not ${what}: ${lastLine(answer.stderr)}`);
