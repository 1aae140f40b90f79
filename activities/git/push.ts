import type { GitAnswer } from './run.ts';

export type Push = { sha: string; branch: string; expected: string };
export type PushResult =
  | { pushed: 'done' }
  /** The branch is not at the expected commit. Read the branch again. */
  | { pushed: 'moved' }
  /** The server refused the push. `why` contains the reason that the server gave, for people. */
  | { pushed: 'refused'; why: string }
  /** The push may have happened. Read the branch before the next push. */
  | { pushed: 'unknown'; why: string };

/**
 * Returns the arguments of `git push`. With --force-with-lease, the push succeeds only if the
 * branch is still at the commit `expected`. So if two workers push at the same time, only one push
 * succeeds.
 */
export const pushArgs = (repository: string, { sha, branch, expected }: Push, dry = false) => [
  'push',
  '--porcelain',
  '--no-verify',
  ...(dry ? ['--dry-run'] : []),
  `--force-with-lease=refs/heads/${branch}:${expected}`,
  '--end-of-options',
  repository,
  `${sha}:refs/heads/${branch}`,
];

const remoteWords = (stderr: string) =>
  stderr
    .split('\n')
    .filter((line) => /^(remote|fatal|error): /.test(line))
    .map((line) => line.replace(/^(remote|fatal|error): /, '').trim())
    .filter(Boolean)
    .slice(0, 5)
    .join('; ');

const denied =
  /authentication failed|could not read (username|password)|error: 40[134]|permission denied/i;

/**
 * Parses the output of `git push --porcelain`. If no line has a known form, the result is
 * `unknown`, never `done`.
 */
export function pushResult({ code, stdout, stderr }: GitAnswer): PushResult {
  const line = stdout.split('\n').find((text) => /^[ +*=!-]\t/.test(text)) ?? '';
  const words = remoteWords(stderr);
  if (code === 0 && /^[ +*=]\t/.test(line)) return { pushed: 'done' };
  if (/stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref/.test(line))
    return { pushed: 'moved' };
  if (/remote rejected|\[rejected\]/.test(line)) {
    const reason = /\(([^)]*)\)\s*$/.exec(line)?.[1] ?? 'rejected';
    return { pushed: 'refused', why: [reason, words].filter(Boolean).join(': ') };
  }
  if (denied.test(stderr)) return { pushed: 'refused', why: words };
  return { pushed: 'unknown', why: words || 'git gave no reason' };
}
