import type { VpsTarget } from '../../../domain/plan.ts';
import { failures } from '../../../domain/failures.ts';
import { final } from '../../lib/fail.ts';
import type { Remote, RemoteResult } from '../../ssh-remote.ts';
import { commands } from '../commands.ts';
import { execute } from './execute.ts';
import { readPairs } from './facts.ts';
import { exits } from './scripts.ts';

/** Flips `current` in one rename. `before`: the InvocationID of what runs, read before the flip. */
export async function switchTo(remote: Remote, target: VpsTarget, sha: string) {
  const text = await execute(remote, commands.switch(target, sha), (result) =>
    explain(remote.name, target, sha, result),
  );
  const pairs = readPairs(text);
  const already = pairs.get('switched')?.at(-1) === 'already';
  return {
    switched: already ? ('already' as const) : ('done' as const),
    before: pairs.get('before')?.at(-1) || null,
  };
}

function explain(name: string, { directory }: VpsTarget, sha: string, { code }: RemoteResult) {
  if (code === exits.currentIsDirectory) {
    return final(
      failures.rejectedByPlatform,
      `${name}: ${directory}/current is a directory, and Plimsoll flips a symlink of that name. ` +
        `Move it away once: mv ${directory}/current ${directory}/current.before-plimsoll`,
    );
  }
  if (code !== exits.noSuchRelease) return undefined;
  return noSuchRelease(name, directory, sha, []);
}

/** `have`: the prepared releases that are there. */
export const noSuchRelease = (name: string, directory: string, sha: string, have: string[]) =>
  final(
    failures.rejectedByPlatform,
    `${name}: ${directory}/releases/${sha} is not there or was never prepared to its end. ` +
      `Prepared are: ${have.map((it) => it.slice(0, 12)).join(', ') || 'none'}. ` +
      'Deploy one of them, or deploy this commit again so that it is staged.',
  );
