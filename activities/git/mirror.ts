import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInOrder } from '../lib/in-order.ts';
import { cancellation, withHeartbeat } from '../lib/temporal-context.ts';
import { brokenMirror, remoteFailure } from './refuse.ts';
import type { GitAnswer, GitCall, RunGit } from './run.ts';

export type Token = (repository: string) => Promise<string | undefined> | string | undefined;
/** Runs a git command in the mirror of one repository. */
export type InMirror = (args: string[], call?: GitCall) => Promise<GitAnswer>;
export type Mirror = {
  /**
   * Returns the mirror without a fetch. If there is no mirror yet, it is made and fetched first.
   */
  of(repository: string): Promise<InMirror>;
  /**
   * Updates the mirror from the remote, then returns the mirror. The fetch begins after this call.
   * So the mirror contains every push that ended before this call. Throws `remoteFailure` if the
   * fetch fails.
   */
  fetched(repository: string): Promise<InMirror>;
};

type Deps = { workspace: string; run: RunGit; token: Token };

/**
 * The git attributes of every mirror. With these attributes, git writes exactly the committed
 * bytes. No filter, line ending or encoding may change the text that a scanner reads.
 */
const plainBytes = '* -filter -text -eol -ident -working-tree-encoding -export-ignore\n';

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Makes an empty mirror under a temporary name, then renames it. So a killed worker leaves no
 * incomplete mirror under the real name.
 */
async function make(directory: string, run: RunGit) {
  const draft = `${directory}.${randomUUID()}`;
  await mkdir(draft, { recursive: true });
  const made = await run(['init', '--quiet', '--bare', '--template=', draft]);
  if (made.code !== 0) throw brokenMirror('make a mirror in the workspace', made);
  await mkdir(join(draft, 'info'), { recursive: true });
  await writeFile(join(draft, 'info', 'attributes'), plainBytes);
  await rename(draft, directory).catch(async (cause: unknown) => {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(directory))) throw cause;
  });
}

const refspecs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
/**
 * Matches errors after which the mirror must be deleted and made again. There are two causes. A
 * killed fetch left a lock file or a broken object. Or two refs cannot exist together, such as the
 * old ref `a` and the new ref `a/b`.
 */
const damaged = /\.lock': File exists|bad object|object file .* is empty|cannot lock ref/;

async function fetchInto(directory: string, repository: string, { run, token }: Deps) {
  const args = ['fetch', '--quiet', '--force', '--prune', '--no-tags', '--no-write-fetch-head'];
  return withHeartbeat(async (signal) =>
    run([...args, '--end-of-options', repository, ...refspecs], {
      cwd: directory,
      remote: { url: repository, token: await token(repository) },
      timeoutMs: 4 * 60_000,
      signal,
    }),
  );
}

/**
 * Keeps a bare mirror of each repository. A mirror is a cache, so a damaged mirror is deleted and
 * made again.
 */
export function createMirror(deps: Deps): Mirror {
  const inOrder = createInOrder();
  const directoryOf = (repository: string) => {
    const name = createHash('sha256').update(repository).digest('hex').slice(0, 20);
    return join(deps.workspace, 'mirrors', `${name}.git`);
  };
  const bring = async (repository: string) => {
    const directory = directoryOf(repository);
    if (!(await exists(directory))) await make(directory, deps.run);
    let answer = await fetchInto(directory, repository, deps);
    if (answer.code !== 0 && damaged.test(answer.stderr)) {
      await rm(directory, { recursive: true, force: true });
      await make(directory, deps.run);
      answer = await fetchInto(directory, repository, deps);
    }
    if (answer.code !== 0) throw remoteFailure(repository, answer);
  };
  const next = new Map<string, { fetch: Promise<void>; signal: AbortSignal | undefined }>();
  /**
   * Returns the promise of a fetch of the repository that has not begun yet. Only callers with the
   * same cancellation signal share a fetch. So no caller can cancel the fetch of another caller.
   */
  const queued = (repository: string) => {
    const signal = cancellation();
    const known = next.get(repository);
    if (known && known.signal === signal) return known.fetch;
    const fetch = inOrder(repository, () => {
      if (next.get(repository)?.fetch === fetch) next.delete(repository);
      return bring(repository);
    });
    next.set(repository, { fetch, signal });
    return fetch;
  };
  const inMirror = (repository: string): InMirror => {
    const cwd = directoryOf(repository);
    return (args, call) => deps.run(args, { ...call, cwd });
  };
  return {
    async fetched(repository) {
      await queued(repository);
      return inMirror(repository);
    },
    async of(repository) {
      if (!(await exists(directoryOf(repository)))) await queued(repository);
      return inMirror(repository);
    },
  };
}
