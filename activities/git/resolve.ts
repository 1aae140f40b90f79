import type { InMirror, Mirror } from './mirror.ts';
import { ambiguousRef, badRef, isPlainRef, noSuchRef, unreachable } from './refuse.ts';

async function commitOf(git: InMirror, name: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  const { code, stdout } = await git(args);
  return code === 0 ? stdout.trim() : null;
}

async function reachable(git: InMirror, sha: string): Promise<boolean> {
  const { code, stdout } = await git(['for-each-ref', '--count=1', '--contains', sha]);
  return code === 0 && stdout !== '';
}

async function named(git: InMirror, ref: string): Promise<string | null> {
  if (/^refs\/(heads|tags)\//.test(ref)) return commitOf(git, ref);
  const [branch, tag] = await Promise.all(
    ['heads', 'tags'].map((kind) => commitOf(git, `refs/${kind}/${ref}`)),
  );
  if (branch && tag && branch !== tag) throw ambiguousRef(ref);
  return branch ?? tag ?? null;
}

/**
 * Makes a function that returns the full SHA of a branch, a tag or a commit (7 to 40 digits). The
 * function throws a final failure of type 'refused' if the repository has no such branch, tag or
 * commit.
 */
export const createResolve = (mirror: Mirror) => async (repository: string, ref: string) => {
  if (!isPlainRef(ref)) throw badRef(ref);
  const git = await mirror.fetched(repository);
  const sha = await named(git, ref);
  if (sha) return sha;
  const commit = /^[0-9a-f]{7,40}$/i.test(ref) ? await commitOf(git, ref) : null;
  if (!commit) throw noSuchRef(repository, ref);
  if (!(await reachable(git, commit))) throw unreachable(repository, commit);
  return commit;
};
