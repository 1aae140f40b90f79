import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anchorTitle } from '../../domain/messages/ledger.ts';
import type { Token } from '../git/mirror.ts';
import { pushArgs, pushResult } from '../git/push.ts';
import { brokenMirror, remoteFailure, shown } from '../git/refuse.ts';
import { runGit } from '../git/run.ts';
import type { GitCall } from '../git/run.ts';
import type { LinkRow } from '../ledger/link-table.ts';
import { transient } from '../lib/fail.ts';
import type { Anchor } from './anchor.ts';
import { plimsollIdentity } from '../git/plimsoll-identity.ts';

const branch = 'plimsoll-ledger';
const file = 'head.json';
const timeoutMs = 15_000;

/** Runs one git command in a temporary repository. The repository is removed afterwards. */
type Run = (
  args: string[],
  call?: GitCall,
) => Promise<{ code: number; stdout: string; stderr: string }>;

/**
 * Keeps the anchors on a branch of a repository. Each anchor is one commit, with the newest head in
 * one file. The branch only moves forward, so earlier anchors stay in its history.
 */
export function gitAnchor(repository: string, token: Token): Anchor {
  async function within<T>(work: (git: Run) => Promise<T>): Promise<T> {
    const directory = await mkdtemp(join(tmpdir(), 'plimsoll-anchor-'));
    const remote = { url: repository, token: await token(repository) };
    const git: Run = (args, call) => runGit(args, { cwd: directory, timeoutMs, remote, ...call });
    try {
      await local(git, ['init', '--quiet', '--bare', '--template=']);
      return await work(git);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** Fetches the newest commit of the branch. Returns its SHA, or null if there is no branch. */
  async function fetch(git: Run): Promise<string | null> {
    const asked = await git(['ls-remote', '--end-of-options', repository, `refs/heads/${branch}`]);
    if (asked.code !== 0) throw remoteFailure(repository, asked);
    if (asked.stdout.trim() === '') return null;
    const options = ['fetch', '--quiet', '--depth=1', '--no-tags', '--end-of-options'];
    const fetched = await git([...options, repository, `refs/heads/${branch}`]);
    if (fetched.code !== 0) throw remoteFailure(repository, fetched);
    return await local(git, ['rev-parse', '--verify', '--quiet', 'FETCH_HEAD']);
  }

  return {
    place: `${shown(repository)}, branch ${branch}`,
    everyMs: 5 * 60_000,
    read: () =>
      within(async (git) => {
        const head = await fetch(git);
        if (head === null) return null;
        const shownFile = await git(['show', `${head}:${file}`], { maxBuffer: 64 * 1024 });
        return shownFile.code === 0 ? parsed(shownFile.stdout) : {};
      }),
    write: (link) =>
      within(async (git) => {
        const before = await fetch(git);
        const sha = await commit(git, link, before);
        const push = { sha, branch, expected: before ?? '' };
        const result = pushResult(await git(pushArgs(repository, push)));
        // Another worker has anchored meanwhile.
        if (result.pushed === 'moved' || result.pushed === 'done') return;
        throw transient(`${shown(repository)} did not accept the push: ${result.why}.`);
      }),
  };
}

/** Runs git without the remote. Returns its output. */
async function local(git: Run, args: string[], call?: GitCall): Promise<string> {
  const answer = await git(args, call);
  if (answer.code !== 0) throw brokenMirror('make an anchor of the ledger', answer);
  return answer.stdout.trim();
}

async function commit(git: Run, link: LinkRow, before: string | null): Promise<string> {
  const text = `${JSON.stringify(link, null, 2)}\n`;
  const blob = await local(git, ['hash-object', '-w', '--stdin'], { input: text });
  const tree = await local(git, ['mktree'], { input: `100644 blob ${blob}\t${file}\n` });
  const parent = before === null ? [] : ['-p', before];
  const title = anchorTitle(link);
  return await local(git, ['commit-tree', tree, ...parent, '-m', title], {
    env: plimsollIdentity(link.at),
  });
}

/** Parses JSON. If the text is not JSON, returns a value that is not an anchor. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
