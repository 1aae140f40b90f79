import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { clean } from '../../../domain/messages/parts/clean.ts';
import { final } from '../../lib/fail.ts';
import type { RemoteResult } from './ssh/remote.ts';
import { readPairs } from './facts.ts';
import { exits } from './scripts.ts';
import { untouched } from './prepare-failed.ts';

/**
 * Makes the failure if the exit code says that files of a submodule or of Git LFS are missing in
 * the tree. Returns undefined for any other exit code.
 */
export function elsewhereFailed(
  name: string,
  target: VpsTarget,
  sha: string,
  { code, stdout }: RemoteResult,
) {
  const pairs = readPairs(stdout);
  const files = clean(pairs.get('file') ?? []).join(', ');
  const log = clean(pairs.get('log') ?? []).join('\n') || 'git printed nothing';
  const short = sha.slice(0, 12);
  const refused = (why: string) => final(failures.rejectedByPlatform, `${name}: ${why}`);
  if (code === exits.submodulesFailed)
    return refused(
      `the submodules of ${short} are not complete. ${untouched(target)} The last lines of git:\n` +
        `${log}\nLet the host read every repository in .gitmodules, then deploy again. ` +
        'Try it on the host: git ls-remote URL',
    );
  if (code === exits.noLfsTool)
    return refused(
      `${short} has files in Git LFS (${files}), but the host has no git-lfs, so it would serve ` +
        `pointers in place of the files. ${untouched(target)} Install git-lfs on the host, then ` +
        'deploy again: sudo apt-get install git-lfs',
    );
  if (code === exits.lfsFailed)
    return refused(
      `Git LFS did not fetch every file of ${short}. ${untouched(target)} ` +
        `${files === '' ? '' : `Still missing: ${files}. `}The last lines of git lfs pull:\n${log}\n` +
        'Let the host read Git LFS of this repository, then deploy again.',
    );
  return undefined;
}
