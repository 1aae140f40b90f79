import type { GitAnswer } from './run.ts';

export type Push = { sha: string; branch: string; expected: string };
export type PushResult =
  | { pushed: 'done' }
  /** The branch is not where it was expected: read it again. */
  | { pushed: 'moved' }
  /** The server said no; its words, for people. */
  | { pushed: 'refused'; why: string }
  /** It may have happened: read the branch before anything else. */
  | { pushed: 'unknown'; why: string };

/** The lease is the expected commit itself: two pushes to one branch never both win. */
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

/** Reads `git push --porcelain`; anything it does not know is unknown, never done. */
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
