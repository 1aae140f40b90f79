import type { Handler } from '../http.ts';
import { resolve } from './checks.ts';
import { fullPull, simplePull } from './pull-shape.ts';
import { created, invalid, json, ok, page, problem, route, text } from './routes.ts';
import type { Request, Route, Site } from './routes.ts';
import { nextNumber } from './state.ts';
import type { RepositoryState, Schemas, StoredPull } from './state.ts';

type PullSimple = Schemas['pull-request-simple'];
type Context = { site: Site; state: RepositoryState; name: string };

/**
 * A pull request. `commits` contains the SHAs of its commits. `mergedAs` is the SHA of the commit
 * that the merge made on the base branch.
 */
export type PullInput = {
  title: string;
  body?: string;
  head: string;
  base?: string;
  commits?: string[];
  mergedAs?: string;
  /** The login of the account that opens the pull request. Default: the owner of the token. */
  author?: string;
};

/**
 * Stores and returns a pull request. If `mergedAs` is set, the pull request is merged. If not, the
 * pull request is open.
 */
export const recordPull = ({ site, state }: Context, input: PullInput): StoredPull => {
  const pull: StoredPull = {
    number: nextNumber(state),
    title: input.title,
    body: input.body ?? null,
    head: input.head,
    base: input.base ?? 'main',
    state: input.mergedAs ? 'closed' : 'open',
    createdAt: site.now(),
    commits: input.commits ?? null,
    mergedAs: input.mergedAs ?? null,
    author: input.author ?? site.login,
  };
  state.pulls.push(pull);
  return pull;
};

const between = async ({ site, name }: Request, base: string, head: string) => {
  const range = ['rev-list', `refs/heads/${base}..refs/heads/${head}`];
  const output = await site.repositories.git(name, range).catch(() => '');
  return output.split('\n').filter(Boolean);
};

const wanted = (request: Request): PullInput => {
  const input = json(request.call) ?? {};
  const body = text(input.body);
  return {
    title: text(input.title) ?? '',
    head: (text(input.head) ?? '').split(':').at(-1) ?? '',
    base: text(input.base) ?? '',
    ...(body === undefined ? {} : { body }),
  };
};

const refusal = async (request: Request) => {
  const { title, head, base = '' } = wanted(request);
  if (!title) return invalid('PullRequest', 'title', 'missing_field');
  for (const [key, branch] of [['head', head] as const, ['base', base] as const])
    if (!(await resolve(request, `refs/heads/${branch}`)))
      return invalid('PullRequest', key, 'invalid');
  const owner = request.name.split('/')[0];
  const open = request.state.pulls.some(
    (pull) => pull.state === 'open' && pull.head === head && pull.base === base,
  );
  const custom = (message: string) =>
    problem(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }]);
  if (open) return custom(`A pull request already exists for ${owner}:${head}.`);
  if ((await between(request, base, head)).length) return undefined;
  return custom(`No commits between ${base} and ${head}`);
};

const createPull = (request: Request): Handler => ({
  read: () => refusal(request),
  act: async () => {
    const pull = recordPull(request, wanted(request));
    request.site.board.count('github', 'createPull', `${request.name}#${pull.number} ${pull.head}`);
    return created(await fullPull(request, pull));
  },
  lie: async () => {
    const lost = { ...request, state: structuredClone(request.state) };
    return created(await fullPull(request, recordPull(lost, wanted(request))));
  },
});

const listPulls = async (request: Request, pulls: StoredPull[]) => {
  const { query } = request.call;
  const state = query.get('state') ?? 'open';
  const head = query.get('head')?.split(':').at(-1);
  const base = query.get('base');
  const found = pulls
    .filter((pull) => state === 'all' || pull.state === state)
    .filter((pull) => (!head || pull.head === head) && (!base || pull.base === base))
    .toReversed();
  const { items, headers } = page(request, found);
  return { ...ok(await Promise.all(items.map((pull) => simplePull(request, pull)))), headers };
};

const pullsOfCommit = async (request: Request) => {
  const ref = request.params.ref ?? '';
  const sha = await resolve(request, ref);
  if (!sha) return problem(422, `No commit found for SHA: ${ref}`);
  const found: PullSimple[] = [];
  for (const pull of request.state.pulls) {
    const commits = pull.commits ?? (await between(request, pull.base, pull.head));
    if (pull.mergedAs === sha || commits.includes(sha)) found.push(await simplePull(request, pull));
  }
  const { items, headers } = page(request, found);
  return { ...ok(items), headers };
};

/**
 * Under the fault `lying-status`, the list lacks the newest pull request. A request to create a
 * pull request reports success, but changes nothing.
 */
export const pullRoutes: Route[] = [
  route('GET /repos/{owner}/{repo}/commits/{ref}/pulls', (request) => ({
    read: () => pullsOfCommit(request),
  })),
  route('GET /repos/{owner}/{repo}/pulls', (request) => ({
    read: () => listPulls(request, request.state.pulls),
    lie: () => listPulls(request, request.state.pulls.slice(0, -1)),
  })),
  route('POST /repos/{owner}/{repo}/pulls', createPull),
];
