import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Board } from './board.ts';
import { runBackend } from './git-host-backend.ts';
import type { BackendCall } from './git-host-backend.ts';
import { createRepositories } from './git-host-repositories.ts';
import type { CommitInput } from './git-host-repositories.ts';
import { startHttp } from './http.ts';
import type { Call, Handler, Reply, Service } from './http.ts';

export type Push = { repository: string; ref: string; from: string; to: string };
export type GitHostOptions = {
  /** Holds the bare repositories. */
  directory: string;
  board: Board;
  /** The password of Basic auth, whatever the user's name. */
  token: string;
  /** 'public': anybody may fetch, only the token may push. */
  visibility?: 'public' | 'private';
  slowMs?: number;
  /** Called for every ref that a push moved, after it moved; the push is answered when this has ended. */
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

const authenticated = (call: Call, token: string) => {
  const [scheme, value = ''] = (call.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic') return false;
  return Buffer.from(value, 'base64').toString().split(':').slice(1).join(':') === token;
};

const writes = (call: Call) => `${call.path}?${call.query}`.includes('git-receive-pack');
/** git first sends an empty flush when the pack is large: not the push itself. */
const isPush = (call: Call) =>
  call.method === 'POST' && writes(call) && call.body.toString('latin1') !== '0000';

/** With protocol 2 the first GET names no ref: they are asked for by a POST of their own. */
const verbOf = (call: Call) => {
  if (isPush(call)) return 'push';
  const second = call.headers['git-protocol']?.includes('version=2') && !writes(call);
  if (call.method === 'GET') return second ? 'capabilities' : 'ls-refs';
  return call.body.includes('command=ls-refs') ? 'ls-refs' : 'fetch';
};
/** For faults: "push …" is the one call that moves refs, "ls-refs …" the one that shows them. */
const operation = (call: Call) =>
  `${verbOf(call)} ${call.method} ${call.path}${call.query.size ? `?${call.query}` : ''}`;

/** A push that is acknowledged and lost, or the refs of a replica that is one commit behind. */
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

/** The push itself, through the hooks: what post-receive was told is the effect. */
const receive = async (call: Call, name: string, options: GitHostOptions, guarded: Guarded) => {
  const scratch = await mkdtemp(join(tmpdir(), 'plimsoll-push-'));
  try {
    const pushes = join(scratch, 'pushes');
    const env = {
      SANDBOX_PUSHES: pushes,
      SANDBOX_PROTECTED: ` ${[...(guarded.get(name) ?? [])].join(' ')} `,
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
  if (!open && !authenticated(call, options.token)) return challenge();
  const known = name && (await createRepositories(options.directory).names()).includes(name);
  return known ? undefined : text(404, 'Repository not found.');
};

const createService = (options: GitHostOptions, guarded: Guarded): Service => ({
  name: 'git',
  operation,
  // On a kept-alive connection that dies, curl silently repeats: no dropped push would be seen.
  keepAlive: false,
  handle: (call): Handler => {
    const name = route.exec(call.path)?.[1] ?? '';
    const plain: BackendCall = { call, root: options.directory, env: {} };
    return {
      look: () => refuse(call, name, options),
      act: () => (isPush(call) ? receive(call, name, options, guarded) : runBackend(plain)),
      lie: async () =>
        (await refuse(call, name, options)) ?? lieFromCopy(options.directory, name, plain),
    };
  },
  busy: () => text(429, 'Too many requests.', { 'retry-after': '1' }),
  broken: () => text(500, 'Internal Server Error'),
});

/**
 * A git host over HTTP: the real `git http-backend` behind Basic auth. Every ref that a push moves
 * is an effect ('git', 'push', 'refs/heads/main <old>..<new>'); what `commit` does is none.
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
    /** Without a secret in it. */
    url: (name: string) => `${http.url}/${name}.git`,
    repositories,
    createRepository: (name: string, commits: CommitInput[]) => repositories.create(name, commits),
    commit: (name: string, input: CommitInput) => repositories.commit(name, input),
    head: (name: string, branch = 'main') => repositories.head(name, branch),
    /** Pushes to these branches are refused with GH006 until protected with none. */
    protect: (name: string, branches: string[]) =>
      void guarded.set(name, new Set(branches.map((branch) => `refs/heads/${branch}`))),
    close: () => http.close(),
  };
};
