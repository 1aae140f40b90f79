import { createHmac } from 'node:crypto';
import type { Board } from '../board.ts';
import type { Repositories } from '../git-host/git-host-repositories.ts';
import { actionRoutes, storeArtifact } from './actions.ts';
import type { ArtifactInput } from './actions.ts';
import { alertRoutes } from './alerts.ts';
import type { AlertState } from './alerts.ts';
import { ruleRoutes } from './branch-rules.ts';
import type { RuleState } from './branch-rules.ts';
import { checkRoutes, setCheckRun, setStatus } from './checks.ts';
import type { CheckRunInput, StatusInput } from './checks.ts';
import { commitRoutes } from './commits.ts';
import { deploymentRoutes } from './deployments.ts';
import { createIssue, issueRoutes } from './issues.ts';
import type { IssueInput } from './issues.ts';
import { pullRoutes, recordPull } from './pulls.ts';
import type { PullInput } from './pulls.ts';
import { match, notFound, ok, problem, route } from './routes.ts';
import type { Route, Site } from './routes.ts';
import { fullRepository } from './shapes.ts';
import { emptyState } from './state.ts';
import type { RepositoryState } from './state.ts';
import { startHttp } from '../http.ts';
import type { Call, Handler, Reply, Service } from '../http.ts';

export type GithubOptions = {
  board: Board;
  /**
   * The repositories of the git host. This stand-in reads refs, commits and comparisons from these
   * repositories.
   */
  repositories: Repositories;
  token: string;
  /** Login of the account that owns the token. */
  login?: string;
  slowMs?: number;
};
export type Github = Awaited<ReturnType<typeof startGithub>>;

const routes: Route[] = [
  route('GET /repos/{owner}/{repo}', ({ site, name }) => ({
    look: () => ok(fullRepository(site, name)),
  })),
  ...checkRoutes,
  ...alertRoutes,
  ...ruleRoutes,
  ...actionRoutes,
  ...issueRoutes,
  ...pullRoutes,
  ...commitRoutes,
  ...deploymentRoutes,
];

const unauthorized = (call: Call, token: string): Reply | undefined => {
  const given = call.headers.authorization;
  if (!given) return problem(401, 'Requires authentication');
  const [scheme = '', value] = given.split(' ');
  const known = ['bearer', 'token'].includes(scheme.toLowerCase());
  return known && value === token ? undefined : problem(401, 'Bad credentials');
};

const resetAt = () => String(Math.floor(Date.now() / 1000) + 60);
const rate = (remaining: number): Record<string, string> => ({
  'x-ratelimit-limit': '5000',
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-used': String(5000 - remaining),
  'x-ratelimit-reset': resetAt(),
  'x-ratelimit-resource': 'core',
});

/**
 * The response when GitHub's secondary rate limit is reached: status 403 with the header
 * retry-after. The other headers show that the primary limit is not reached.
 */
const busy = (): Reply => ({
  ...problem(403, 'You have exceeded a secondary rate limit. Please wait a few minutes.'),
  headers: { ...rate(4000), 'retry-after': '1' },
});

type States = (name: string) => RepositoryState;

const signer = (token: string) => (path: string) =>
  createHmac('sha256', token).update(path).digest('hex');
/** True if the address has a correct signature. A signed address needs no token. */
const isSigned = ({ path, query }: Call, token: string) => query.get('sig') === signer(token)(path);

const guard = async (call: Call, name: string, { token, repositories }: GithubOptions) => {
  const refused = isSigned(call, token) ? undefined : unauthorized(call, token);
  if (refused) return refused;
  return (await repositories.names()).includes(name) ? undefined : notFound();
};

const createService = (options: GithubOptions, site: Site, states: States): Service => {
  const limited = (reply: Reply): Reply => ({
    ...reply,
    headers: { ...rate(4990), ...reply.headers },
  });
  const handle = (call: Call): Handler => {
    const found = match(routes, call);
    if (!found) return { look: () => limited(unauthorized(call, options.token) ?? notFound()) };
    const { params } = found;
    const name = `${params.owner}/${params.repo}`;
    const { look, act, lie } = found.answer({ call, name, params, state: states(name), site });
    const first = () => guard(call, name, options);
    return {
      look: async () => {
        const reply = (await first()) ?? (await look?.());
        return reply && limited(reply);
      },
      ...(act ? { act: async () => limited(await act()) } : {}),
      ...(lie ? { lie: async () => limited((await first()) ?? (await lie())) } : {}),
    };
  };
  return { name: 'github', handle, busy, broken: () => problem(500, 'Server Error') };
};

const createSite = (options: GithubOptions): Site => {
  let id = 1000;
  return {
    url: '',
    board: options.board,
    repositories: options.repositories,
    login: options.login ?? 'plimsoll-bot',
    sign: signer(options.token),
    nextId: () => (id += 1),
    now: () => new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  };
};

/**
 * Starts a stand-in for GitHub's REST API. Its `address` is the value for Octokit's `baseUrl`. The
 * board counts these effects: createComment, updateIssue, createDeployment, createDeploymentStatus,
 * createPull. The returned functions make changes as other people would make them. The board does
 * not count those changes.
 */
export const startGithub = async (options: GithubOptions) => {
  const known = new Map<string, RepositoryState>();
  const states: States = (name) => {
    const state = known.get(name) ?? emptyState();
    known.set(name, state);
    return state;
  };
  const site = createSite(options);
  const { board, slowMs } = options;
  const service = createService(options, site, states);
  const http = await startHttp({ service, board, ...(slowMs === undefined ? {} : { slowMs }) });
  site.url = http.url;
  const target = (name: string) => ({ site, name, state: states(name) });
  return {
    address: http.url,
    setCheckRun: (name: string, sha: string, input: CheckRunInput) =>
      setCheckRun({ ...target(name), sha }, input),
    setStatus: (name: string, sha: string, input: StatusInput) =>
      setStatus({ ...target(name), sha }, input),
    createIssue: (name: string, input: IssueInput) => createIssue(target(name), input),
    createPull: (name: string, input: PullInput) => recordPull(target(name), input),
    /** Sets the findings that the scanners of the repository report from now on. */
    setAlerts: (name: string, alerts: Partial<AlertState>) =>
      void Object.assign(states(name).alerts, alerts),
    /** Sets the rules for the branches of the repository from now on. */
    setRules: (name: string, rules: Partial<RuleState>) =>
      void Object.assign(states(name).rules, rules),
    /** Stores an artifact, as a run of GitHub Actions does. */
    storeArtifact: (name: string, input: ArtifactInput) => storeArtifact(target(name), input),
    /** Returns a copy of the stored state, for assertions. */
    state: (name: string) => structuredClone(states(name)),
    close: () => http.close(),
  };
};
