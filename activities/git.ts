import { failures } from '../domain/failures.ts';
import { final } from './lib/fail.ts';
import type { Commit } from '../domain/plan.ts';
import type { Changes } from '../domain/policy/changes.ts';
import { authored } from './git/authored.ts';
import type { Authored } from './git/authored.ts';
import { readChanges } from './git/changes.ts';
import { readCommits, readMessages } from './git/commits.ts';
import type { Message } from './git/commits.ts';
import { exportRange } from './git/export-range.ts';
import type { Range, Span } from './git/export-range.ts';
import { exportTree } from './git/export-tree.ts';
import type { Tree } from './git/export-tree.ts';
import { createMirror } from './git/mirror.ts';
import type { InMirror, Token } from './git/mirror.ts';
import { pulse } from './git/pulse.ts';
import { pushArgs, pushResult } from './git/push.ts';
import type { Push, PushResult } from './git/push.ts';
import { brokenMirror, remoteFailure, shown } from './git/refuse.ts';
import { createResolve } from './git/resolve.ts';
import { runGit } from './git/run.ts';
import { literal, touching } from './git/touching.ts';

/** Every method throws transient where the remote does not answer, final misconfigured where it refuses us. */
export type Git = {
  /** Full SHA of a branch, tag (peeled) or commit of ≥ 7 digits. Final refused: there is none. */
  resolve(repository: string, ref: string): Promise<string>;
  /** What `to` has and `from` has not, newest first, at most 5,000; `total` counts all. */
  commits(
    repository: string,
    from: string | null,
    to: string,
  ): Promise<{ commits: Commit[]; total: number }>;
  /** What differs between the files of `from` and of `to`; null = all of them. */
  changes(repository: string, from: string | null, to: string): Promise<Changes>;
  /** The same commits with their whole text. */
  messages(repository: string, from: string | null, to: string): Promise<Message[]>;
  isAncestor(repository: string, ancestor: string, descendant: string): Promise<boolean>;
  /** Who made this commit. */
  authored(repository: string, sha: string): Promise<Authored>;
  /** Equal for equal files. With `paths` only theirs: which are there, and what they hold; '' = none is there. */
  treeOf(repository: string, sha: string, paths?: readonly string[]): Promise<string>;
  /** Those of `shas` (that the mirror has) which change one of `paths`; without paths all. */
  touching(repository: string, shas: string[], paths?: readonly string[]): Promise<string[]>;
  /** Real files; the caller disposes. */
  exportTree(repository: string, sha: string): Promise<Tree>;
  /** Every commit of the span with its message, and what they brought and took away again. */
  exportRange(repository: string, span: Span): Promise<Range>;
  /** Text of one file at the commit; null = no such file. Final misconfigured: larger than 20 MB. */
  readFile(repository: string, sha: string, path: string): Promise<string | null>;
  /** When a commit last changed the file, as ISO time; null = no commit did. */
  changedAt(repository: string, sha: string, path: string): Promise<string | null>;
  /** Where the branch is at the remote right now; null = no such branch. */
  remoteHead(repository: string, branch: string): Promise<string | null>;
  push(repository: string, push: Push): Promise<PushResult>;
  /** Would a push be allowed, as far as the server tells before it: changes nothing. */
  tryPush(repository: string, push: Push): Promise<PushResult>;
  /** Plumbing in a mirror fetched just now. */
  plumbing(repository: string): Promise<InMirror>;
};

const fullSha = /^[0-9a-f]{40}$/;

function assertSha(sha: string) {
  if (!fullSha.test(sha)) throw final(failures.refused, `"${sha}" is not a full commit SHA.`);
}

/** `workspace` holds bare mirrors and short-lived trees; everything in it may be deleted at any time. */
export function createGit(deps: { workspace: string; token?: Token }): Git {
  const token = deps.token ?? (() => undefined);
  const mirror = createMirror({ workspace: deps.workspace, run: runGit, token });
  const having = createHaving(mirror);
  const pushing = async (repository: string, push: Push, dry: boolean) => {
    const git = await having(repository, push.sha);
    const remote = { url: repository, token: token(repository) };
    const args = pushArgs(repository, push, dry);
    return pushResult(await pulse((signal) => git(args, { remote, signal })));
  };
  return {
    resolve: createResolve(mirror),
    commits: async (repository, from, to) =>
      readCommits(await having(repository, ...(from ? [from, to] : [to])), from, to),
    changes: async (repository, from, to) =>
      readChanges(await having(repository, ...(from ? [from, to] : [to])), { from, to }),
    messages: async (repository, from, to) =>
      readMessages(await having(repository, ...(from ? [from, to] : [to])), from, to),
    isAncestor: async (repository, ancestor, descendant) =>
      isAncestor(await having(repository, ancestor, descendant), ancestor, descendant),
    authored: async (repository, sha) => authored(await having(repository, sha), sha),
    treeOf: async (repository, sha, paths) => treeOf(await having(repository, sha), sha, paths),
    touching: async (repository, shas, paths) => touching(await mirror.of(repository), shas, paths),
    exportTree: async (repository, sha) =>
      exportTree(await having(repository, sha), deps.workspace, sha),
    exportRange: async (repository, span) =>
      exportRange(await having(repository, ...shasOf(span)), deps.workspace, span),
    readFile: async (repository, sha, path) => readFile(await having(repository, sha), sha, path),
    changedAt: async (repository, sha, path) => changedAt(await having(repository, sha), sha, path),
    remoteHead: (repository, branch) => remoteHead(repository, branch, token(repository)),
    push: (repository, push) => pushing(repository, push, false),
    tryPush: (repository, push) => pushing(repository, push, true),
    plumbing: (repository) => mirror.fetched(repository),
  };
}

const shasOf = ({ from, to }: Span) => (from === null ? [to] : [from, to]);

/** The mirror once it has all these commits; fetched only where one is missing. */
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
      `${shown(repository)} has no commit ${lost}: it was never pushed, or its branch is gone.\n` +
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
    ? await git(['ls-tree', '--full-tree', sha, '--', ...paths.map(literal)])
    : await git(['rev-parse', '--verify', '--end-of-options', `${sha}^{tree}`]);
  if (answer.code !== 0) throw brokenMirror('read a tree', answer);
  return answer.stdout.trim();
}

async function changedAt(git: InMirror, sha: string, path: string) {
  const args = ['log', '--max-count=1', '--format=%cI', sha, '--', literal(path)];
  const answer = await git(args);
  if (answer.code !== 0) throw brokenMirror(`see when ${path} changed`, answer);
  const at = answer.stdout.trim();
  return at ? new Date(at).toISOString() : null;
}

const mostBytes = 20 * 1024 * 1024;

async function readFile(git: InMirror, sha: string, path: string) {
  const entry = await git(['ls-tree', '-z', '-l', sha, '--', `:(literal,top)${path}`]);
  if (entry.code !== 0) throw brokenMirror(`look for ${path}`, entry);
  const [, blob, size] = /^100\d{3} blob ([0-9a-f]{40}) +(\d+)\t/.exec(entry.stdout) ?? [];
  if (!blob) return null;
  if (Number(size) > mostBytes)
    throw final(
      failures.misconfigured,
      `${path} has ${size} bytes at ${sha.slice(0, 7)}, more than the 20 MB that are read.\n` +
        'Split it, or name a smaller file in plimsoll.yaml.',
    );
  const answer = await git(['cat-file', 'blob', blob]);
  if (answer.code !== 0) throw brokenMirror(`read ${path}`, answer);
  return answer.stdout;
}

async function remoteHead(repository: string, branch: string, token: string | undefined) {
  const args = ['ls-remote', '--end-of-options', repository, `refs/heads/${branch}`];
  const remote = { url: repository, token };
  const answer = await pulse((signal) => runGit(args, { remote, signal, timeoutMs: 30_000 }));
  if (answer.code !== 0) throw remoteFailure(repository, answer);
  return /^([0-9a-f]{40})\t/.exec(answer.stdout)?.[1] ?? null;
}
