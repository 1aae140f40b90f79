import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Board } from '../board.ts';
import { gitRefusal, workflowRefusal } from '../github/tokens.ts';
import type { TokenRights } from '../github/tokens.ts';
import { runBackend } from './git-host-backend.ts';
import type { BackendCall } from './git-host-backend.ts';
import { createRepositories } from './git-host-repositories.ts';
import type { CommitInput } from './git-host-repositories.ts';
import { startHttp } from '../http.ts';
import type { Call, Handler, Reply, Service } from '../http.ts';

export type Push = { repository: string; ref: string; from: string; to: string };
export type GitHostOptions = {
  /** The directory of the bare repositories. */
  directory: string;
  board: Board;
  /** Password for Basic auth. The user name can be any text. */
  token: string;
  /**
   * With 'public', everybody can fetch, but a push needs the token. With 'private', the default, a
   * fetch needs the token too.
   */
  visibility?: 'public' | 'private';
  /**
   * Returns the rights that a password has at GitHub, so that the host answers as GitHub does.
   * Returns undefined if GitHub does not know the password. If `rightsOf` is absent, only `token`
   * is known, and it may do everything.
   */
  rightsOf?: (password: string) => TokenRights | undefined;
  slowMs?: number;
  /**
   * This function is called once for every ref that a push has moved. The client gets the response
   * to the push after this function has finished.
   */
  onPush?: (push: Push) => void | Promise<void>;
};
export type GitHost = Awaited<ReturnType<typeof startGitHost>>;

const route =
  /^\/([\w-][\w.-]*\/[\w-][\w.-]*?)\.git\/(info\/refs|git-upload-pack|git-receive-pack)$/;

const challenge = (): Reply => ({
  status: 401,
  headers: { 'www-authenticate': 'Basic realm="sandbox"' },
  body: Buffer.from('Authentication required.\n'),
});
const text = (status: number, words: string, headers = {}): Reply => ({
  status,
  headers: { 'content-type': 'text/plain', ...headers },
  body: Buffer.from(`${words}\n`),
});

const passwordOf = (call: Call): string | null => {
  const [scheme, value = ''] = (call.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic') return null;
  return Buffer.from(value, 'base64').toString().split(':').slice(1).join(':');
};

const writes = (call: Call) => `${call.path}?${call.query}`.includes('git-receive-pack');
/**
 * Returns true if the call moves refs. Before a large pack, git sends a test request whose body is
 * only "0000". This test request moves no refs.
 */
const isPush = (call: Call) =>
  call.method === 'POST' && writes(call) && call.body.toString('latin1') !== '0000';

/**
 * Returns the kind of a git call. In version 2 of the git protocol, the response to the first GET
 * contains no refs. A later POST asks for the refs.
 */
const verbOf = (call: Call) => {
  if (isPush(call)) return 'push';
  const second = call.headers['git-protocol']?.includes('version=2') && !writes(call);
  if (call.method === 'GET') return second ? 'capabilities' : 'ls-refs';
  return call.body.includes('command=ls-refs') ? 'ls-refs' : 'fetch';
};
/**
 * Returns the name of the operation. A fault matches if its `match` is a part of this name. The
 * name begins with push, ls-refs, capabilities or fetch.
 */
const operation = (call: Call) =>
  `${verbOf(call)} ${call.method} ${call.path}${call.query.size ? `?${call.query}` : ''}`;

/**
 * Answers a call under the fault `lying-status`. The call runs on a copy of the repository, and the
 * copy is deleted afterwards. A push reports success, but changes only the copy. For a read, every
 * branch of the copy goes back by one commit.
 */
const lieFromCopy = async (root: string, name: string, call: BackendCall) => {
  const copy = await mkdtemp(join(tmpdir(), 'plimsoll-lie-'));
  try {
    const replica = createRepositories(copy);
    await mkdir(dirname(replica.path(name)), { recursive: true });
    await cp(createRepositories(root).path(name), replica.path(name), { recursive: true });
    if (!isPush(call.call))
      for (const branch of Object.keys(await replica.branches(name)))
        await replica
          .git(name, ['update-ref', `refs/heads/${branch}`, `refs/heads/${branch}~1`])
          .catch(() => {});
    return await runBackend({ ...call, root: copy });
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
};

const readPushes = async (file: string, repository: string): Promise<Push[]> => {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
  return lines.map((line) => {
    const [from = '', to = '', ref = ''] = line.split(' ');
    return { repository, from, to, ref };
  });
};

type Guarded = Map<string, Set<string>>;

/**
 * Runs a push, including the hooks of the repository. The hook post-receive writes the moved refs
 * to a file. Each of these refs counts as one effect.
 */
const receive = async (call: Call, name: string, options: GitHostOptions, guarded: Guarded) => {
  const scratch = await mkdtemp(join(tmpdir(), 'plimsoll-push-'));
  try {
    const pushes = join(scratch, 'pushes');
    const env = {
      SANDBOX_PUSHES: pushes,
      SANDBOX_PROTECTED: ` ${[...(guarded.get(name) ?? [])].join(' ')} `,
      SANDBOX_WORKFLOWS: workflowWords(call, options),
    };
    const reply = await runBackend({ call, root: options.directory, env });
    for (const push of await readPushes(pushes, name)) {
      options.board.count('git', 'push', `${push.ref} ${push.from}..${push.to}`);
      await options.onPush?.(push);
    }
    return reply;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

const refuse = async (call: Call, name: string | undefined, options: GitHostOptions) => {
  const open = options.visibility === 'public' && !writes(call);
  const password = passwordOf(call);
  const rights = password === null ? undefined : options.rightsOf?.(password);
  if (!open && !rights && (options.rightsOf || password !== options.token)) return challenge();
  const known = name && (await createRepositories(options.directory).names()).includes(name);
  if (!known) return text(404, 'Repository not found.');
  const at = { name, login: 'plimsoll-bot', writes: writes(call) };
  const refused =
    rights && gitRefusal(rights, { ...at, isPublic: options.visibility === 'public' });
  return refused ? text(refused.status, refused.words) : undefined;
};

/**
 * Returns the reason why the push must not change workflow files. Returns '' if the push may change
 * them.
 */
const workflowWords = (call: Call, { rightsOf }: GitHostOptions) => {
  const rights = rightsOf?.(passwordOf(call) ?? '');
  return (rights && workflowRefusal(rights)) ?? '';
};

const createService = (options: GitHostOptions, guarded: Guarded): Service => ({
  name: 'git',
  operation,
  // Every response closes its connection. If an old connection breaks, curl repeats the request
  // silently. With open connections, a test could not see that a push was dropped.
  keepAlive: false,
  handle: (call): Handler => {
    const name = route.exec(call.path)?.[1] ?? '';
    const plain: BackendCall = { call, root: options.directory, env: {} };
    return {
      read: () => refuse(call, name, options),
      act: () => (isPush(call) ? receive(call, name, options, guarded) : runBackend(plain)),
      lie: async () =>
        (await refuse(call, name, options)) ?? lieFromCopy(options.directory, name, plain),
    };
  },
  busy: () => text(429, 'Too many requests.', { 'retry-after': '1' }),
  broken: () => text(500, 'Internal Server Error'),
});

/**
 * Starts a git host over HTTP. It is the real `git http-backend` with Basic auth. The board counts
 * every ref that a push moves as one effect, such as 'git', 'push', 'refs/heads/main <old>..<new>'.
 * The board does not count the commits that `commit` makes.
 */
export const startGitHost = async (options: GitHostOptions) => {
  await mkdir(options.directory, { recursive: true });
  const repositories = createRepositories(options.directory);
  const guarded = new Map<string, Set<string>>();
  const { board, slowMs } = options;
  const service = createService(options, guarded);
  const http = await startHttp({ service, board, ...(slowMs === undefined ? {} : { slowMs }) });
  return {
    address: http.url,
    /** Returns the clone URL of a repository. The URL contains no secret. */
    url: (name: string) => `${http.url}/${name}.git`,
    repositories,
    createRepository: (name: string, commits: CommitInput[]) => repositories.create(name, commits),
    commit: (name: string, input: CommitInput) => repositories.commit(name, input),
    head: (name: string, branch = 'main') => repositories.head(name, branch),
    /**
     * Refuses pushes to these branches with GitHub's error GH006. An empty list removes the
     * protection.
     */
    protect: (name: string, branches: string[]) =>
      void guarded.set(name, new Set(branches.map((branch) => `refs/heads/${branch}`))),
    close: () => http.close(),
  };
};
