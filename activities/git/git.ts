import { failures } from '../../domain/deploy/failures.ts';
import { final } from '../lib/fail.ts';
import type { Commit } from '../../domain/deploy/plan.ts';
import type { Changes } from '../../domain/approval/changes.ts';
import { authored } from './authored.ts';
import type { Authored } from './authored.ts';
import { readChanges } from './changes.ts';
import { readCommits, readMessages } from './commits.ts';
import type { Message } from './commits.ts';
import { exportRange } from './export-range.ts';
import type { Range, Span } from './export-range.ts';
import { exportTree } from './export-tree.ts';
import type { Tree } from './export-tree.ts';
import { readElsewhere } from './elsewhere.ts';
import type { Elsewhere } from './elsewhere.ts';
import { readSigners } from './signers.ts';
import type { SignedRange } from './signers.ts';
import { createMirror } from './mirror.ts';
import type { InMirror, Token } from './mirror.ts';
import { mayChangeNow } from '../lib/attempt.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { textOf } from '../lib/text-of.ts';
import { pushArgs, pushResult } from './push.ts';
import type { Push, PushResult } from './push.ts';
import { brokenMirror, remoteFailure, shown } from './refuse.ts';
import { createResolve } from './resolve.ts';
import { runGit } from './run.ts';
import { literal, touching } from './touching.ts';

/**
 * Git commands on a remote repository. A method throws a transient failure if the remote does not
 * answer. A method throws a final failure of type 'misconfigured' if the remote denies access to
 * the worker. If the remote refuses a push, `push` and `tryPush` throw nothing and return the
 * refusal.
 */
export type Git = {
  /**
   * Returns the full SHA of the commit that `ref` names. `ref` is a branch, a tag or the first 7 to
   * 40 digits of a SHA. Throws a final failure of type 'refused' if the remote has no such branch,
   * tag or commit.
   */
  resolve(repository: string, ref: string): Promise<string>;
  /**
   * Returns the commits that are in the history of `to` but not in the history of `from`, newest
   * first. At most 5,000 commits are returned, but `total` counts all commits.
   */
  commits(
    repository: string,
    from: string | null,
    to: string,
  ): Promise<{ commits: Commit[]; total: number }>;
  /** Returns who signed each commit, by its full SHA. `allowed` lists the keys of the people. */
  signers(repository: string, range: SignedRange): Promise<Map<string, string>>;
  /**
   * Returns the differences between the files of `from` and of `to`. If `from` is null, returns all
   * files of `to`.
   */
  changes(repository: string, from: string | null, to: string): Promise<Changes>;
  /** Returns the same commits as the method `commits`, each with its whole message. */
  messages(repository: string, from: string | null, to: string): Promise<Message[]>;
  isAncestor(repository: string, ancestor: string, descendant: string): Promise<boolean>;
  /** Returns the title, the author, the committer and the time of this commit. */
  authored(repository: string, sha: string): Promise<Authored>;
  /**
   * Returns a text that identifies the files of the commit. Two commits with equal files have equal
   * texts. If `paths` is given, only the files in these paths count. The text is empty if none of
   * these paths exists.
   */
  treeOf(repository: string, sha: string, paths?: readonly string[]): Promise<string>;
  /**
   * Returns the commits of `shas` that change one of `paths`. Commits that the mirror does not have
   * are left out. Without `paths`, returns all of `shas`.
   */
  touching(repository: string, shas: string[], paths?: readonly string[]): Promise<string[]>;
  /**
   * Returns the files that the commit only refers to: its submodules and its files in Git LFS. If
   * `paths` is given, returns only the submodules and files in these paths.
   */
  elsewhere(repository: string, sha: string, paths?: readonly string[]): Promise<Elsewhere>;
  /**
   * Writes the files of the commit to a directory. The caller must call `dispose` to delete this
   * directory.
   */
  exportTree(repository: string, sha: string, place?: string): Promise<Tree>;
  /**
   * Returns every commit of the range with its message. The result also has the method `visitGone`,
   * for file contents that the range added and later removed.
   */
  exportRange(repository: string, span: Span): Promise<Range>;
  /**
   * Returns the text of a file at the commit, or null if there is no such file. Throws a final
   * failure of type 'misconfigured' if the file is larger than 20 MB.
   */
  readFile(repository: string, sha: string, path: string): Promise<string | null>;
  /**
   * Returns the ISO time of the last commit that changed the file, or null if no commit changed it.
   */
  changedAt(repository: string, sha: string, path: string): Promise<string | null>;
  /** Asks the remote for the current SHA of the branch. Returns null if there is no such branch. */
  remoteHead(repository: string, branch: string): Promise<string | null>;
  push(repository: string, push: Push): Promise<PushResult>;
  /**
   * Makes a dry run of the push. The dry run changes nothing. The server may still refuse the real
   * push.
   */
  tryPush(repository: string, push: Push): Promise<PushResult>;
  /**
   * Updates the mirror of the repository from the remote. Returns a function that runs git commands
   * in the mirror.
   */
  plumbing(repository: string): Promise<InMirror>;
};

const fullSha = /^[0-9a-f]{40}$/;

function assertSha(sha: string) {
  if (!fullSha.test(sha)) throw final(failures.refused, `"${sha}" is not a full commit SHA.`);
}

/**
 * Makes the methods of `Git`. `workspace` is a directory for bare mirrors and temporary trees.
 * Everything in this directory may be deleted at any time.
 */
export function createGit(deps: { workspace: string; token?: Token }): Git {
  const token = deps.token ?? (() => undefined);
  const mirror = createMirror({ workspace: deps.workspace, run: runGit, token });
  const having = createHaving(mirror);
  const pushing = async (repository: string, push: Push, dry: boolean) => {
    const git = await having(repository, push.sha);
    const remote = { url: repository, token: await token(repository) };
    const args = pushArgs(repository, push, dry);
    if (!dry) await mayChangeNow();
    return pushResult(await withHeartbeat((signal) => git(args, { remote, signal })));
  };
  return {
    resolve: createResolve(mirror),
    commits: async (repository, from, to) =>
      readCommits(await having(repository, ...(from ? [from, to] : [to])), from, to),
    signers: async (repository, range) => {
      const { from, to } = range;
      return readSigners(await having(repository, ...(from ? [from, to] : [to])), range);
    },
    changes: async (repository, from, to) =>
      readChanges(await having(repository, ...(from ? [from, to] : [to])), { from, to }),
    messages: async (repository, from, to) =>
      readMessages(await having(repository, ...(from ? [from, to] : [to])), from, to),
    isAncestor: async (repository, ancestor, descendant) =>
      isAncestor(await having(repository, ancestor, descendant), ancestor, descendant),
    authored: async (repository, sha) => authored(await having(repository, sha), sha),
    treeOf: async (repository, sha, paths) => treeOf(await having(repository, sha), sha, paths),
    touching: async (repository, shas, paths) => touching(await mirror.of(repository), shas, paths),
    elsewhere: async (repository, sha, paths) =>
      readElsewhere(await having(repository, sha), { repository, sha, paths }),
    exportTree: async (repository, sha, place = deps.workspace) =>
      exportTree(await having(repository, sha), place, sha),
    exportRange: async (repository, span) =>
      exportRange(await having(repository, ...shasOf(span)), deps.workspace, span),
    readFile: async (repository, sha, path) => readFile(await having(repository, sha), sha, path),
    changedAt: async (repository, sha, path) => changedAt(await having(repository, sha), sha, path),
    remoteHead: async (repository, branch) =>
      remoteHead(repository, branch, await token(repository)),
    push: (repository, push) => pushing(repository, push, false),
    tryPush: (repository, push) => pushing(repository, push, true),
    plumbing: (repository) => mirror.fetched(repository),
  };
}

const shasOf = ({ from, to }: Span) => (from === null ? [to] : [from, to]);

/**
 * Makes a function that returns the mirror of a repository with all the given commits. The function
 * fetches only if the mirror lacks a commit. It throws a final failure of type 'refused' if the
 * mirror still lacks the commit after the fetch.
 */
function createHaving(mirror: ReturnType<typeof createMirror>) {
  const lacks = async (git: InMirror, shas: string[]) => {
    const has = (sha: string) => git(['cat-file', '-e', `${sha}^{commit}`]);
    const answers = await Promise.all(shas.map(has));
    return shas.find((_, index) => answers[index]?.code !== 0) ?? null;
  };
  return async (repository: string, ...shas: string[]): Promise<InMirror> => {
    for (const sha of shas) assertSha(sha);
    const git = await mirror.of(repository);
    if (!(await lacks(git, shas))) return git;
    const fresh = await mirror.fetched(repository);
    const lost = await lacks(fresh, shas);
    if (!lost) return fresh;
    throw final(
      failures.refused,
      `${shown(repository)} has no commit ${lost}: it was never pushed, or its branch was deleted.\n` +
        `Push it to a branch: git push origin ${lost}:refs/heads/NAME`,
    );
  };
}

async function isAncestor(git: InMirror, ancestor: string, descendant: string) {
  const answer = await git(['merge-base', '--is-ancestor', ancestor, descendant]);
  if (answer.code > 1 || answer.code < 0) throw brokenMirror('compare two commits', answer);
  return answer.code === 0;
}

async function treeOf(git: InMirror, sha: string, paths?: readonly string[]) {
  const answer = paths
    ? await git(['ls-tree', '-z', '--full-tree', sha, '--', ...paths.map(literal)])
    : await git(['rev-parse', '--verify', '--end-of-options', `${sha}^{tree}`]);
  if (answer.code !== 0) throw brokenMirror('read a tree', answer);
  return answer.stdout.trim();
}

async function changedAt(git: InMirror, sha: string, path: string) {
  const args = ['log', '--max-count=1', '--format=%cI', sha, '--', literal(path)];
  const answer = await git(args);
  if (answer.code !== 0) throw brokenMirror(`find out when ${path} changed`, answer);
  const at = answer.stdout.trim();
  return at ? new Date(at).toISOString() : null;
}

const mostBytes = 20 * 1024 * 1024;

export async function readFile(git: InMirror, sha: string, path: string) {
  const entry = await git(['ls-tree', '-z', '-l', sha, '--', `:(literal,top)${path}`]);
  if (entry.code !== 0) throw brokenMirror(`search for ${path}`, entry);
  const [, blob, size] = /^100\d{3} blob ([0-9a-f]{40}) +(\d+)\t/.exec(entry.stdout) ?? [];
  if (!blob) return null;
  if (Number(size) > mostBytes)
    throw final(
      failures.misconfigured,
      `${path} has ${size} bytes at ${sha.slice(0, 7)}, but Plimsoll reads at most 20 MB.\n` +
        'Split the file, or name a smaller file in plimsoll.yaml.',
    );
  const answer = await git(['cat-file', 'blob', blob], { encoding: 'latin1' });
  if (answer.code !== 0) throw brokenMirror(`read ${path}`, answer);
  return textOf(Buffer.from(answer.stdout, 'latin1'));
}

async function remoteHead(repository: string, branch: string, token: string | undefined) {
  const args = ['ls-remote', '--end-of-options', repository, `refs/heads/${branch}`];
  const remote = { url: repository, token };
  const answer = await withHeartbeat((signal) =>
    runGit(args, { remote, signal, timeoutMs: 30_000 }),
  );
  if (answer.code !== 0) throw remoteFailure(repository, answer);
  // git ls-remote also prints every ref whose name ends with this name.
  const lines = answer.stdout.split('\n').map((line) => line.split('\t'));
  const sha = lines.find(([, name]) => name === `refs/heads/${branch}`)?.[0] ?? '';
  return fullSha.test(sha) ? sha : null;
}
