import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInOrder } from '../lib/in-order.ts';
import { cancellation, pulse } from './pulse.ts';
import { brokenMirror, remoteFailure } from './refuse.ts';
import type { GitAnswer, GitCall, RunGit } from './run.ts';

export type Token = (repository: string) => string | undefined;
/** Plumbing inside the mirror of one repository. */
export type InMirror = (args: string[], call?: GitCall) => Promise<GitAnswer>;
export type Mirror = {
  /** The mirror as it is, made and fetched first where it does not exist. */
  of(repository: string): Promise<InMirror>;
  /** The mirror after a fetch that began after the call. Throws remoteFailure. */
  fetched(repository: string): Promise<InMirror>;
};

type Deps = { workspace: string; run: RunGit; token: Token };

/** The bytes that were committed: no filter, line ending or encoding may change what a scanner sees. */
const plainBytes = '* -filter -text -eol -ident -working-tree-encoding -export-ignore\n';

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Made beside and moved: a kill leaves no half mirror under the real name. */
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
/** What a killed fetch leaves behind, or two refs that cannot live side by side. */
const damaged = /\.lock': File exists|bad object|object file .* is empty|cannot lock ref/;

async function fetchInto(directory: string, repository: string, { run, token }: Deps) {
  const args = ['fetch', '--quiet', '--force', '--prune', '--no-tags', '--no-write-fetch-head'];
  return pulse((signal) =>
    run([...args, '--end-of-options', repository, ...refspecs], {
      cwd: directory,
      remote: { url: repository, token: token(repository) },
      timeoutMs: 4 * 60_000,
      signal,
    }),
  );
}

/** One bare mirror per repository: a cache, so a damaged one is thrown away and made again. */
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
  /** Whoever comes before it began shares the next fetch, but never one that another's cancel may end. */
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
