import type { Message } from './commits.ts';

/** Commits whose effect another one took back. Newest first: a revert that was reverted takes nothing back. */
export function takenBack(commits: readonly Message[]): Set<string> {
  const back = new Set<string>();
  for (const { sha, message } of commits) {
    if (back.has(sha)) continue;
    for (const match of message.matchAll(/^This reverts commit ([0-9a-f]{40})/gm))
      back.add(match[1] ?? '');
  }
  return back;
}
