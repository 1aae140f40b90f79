import { createHmac } from 'node:crypto';
import type { Board } from '../board.ts';
import type { Repositories } from '../git-host/git-host-repositories.ts';
import { actionRoutes, startRun, storeArtifact } from './actions.ts';
import type { ArtifactInput, RunInput } from './actions.ts';
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
import { fullRepository, numberOf } from './shapes.ts';
import { emptyState } from './state.ts';
import type { RepositoryState, StoredPush } from './state.ts';
import { createTokens, refusal, rightsHeaders, roleOf } from './tokens.ts';
import type { AppInput, TokenRights } from './tokens.ts';
import { startHttp } from '../http.ts';
import type { Call, Handler, Reply, Service } from '../http.ts';

export type GithubOptions = {
  board: Board;
  /**
   * The repositories of the git host. This stand-in reads refs, commits and comparisons from these
   * repositories.
   */
  repositories: Repositories;
  /** A classic token of an administrator. It has the scopes that the documentation names. */
  token: string;
  /** More tokens, each with its rights. */
  tokens?: Record<string, TokenRights>;
  app?: AppInput;
  /** If true, everybody may read the repositories. Default: false. */
  isPublic?: boolean;
  /** The login of the account that owns the token. */
  login?: string;
  slowMs?: number;
};
export type Github = Awaited<ReturnType<typeof startGithub>>;

const routes: Route[] = [
  route('GET /repos/{owner}/{repo}', ({ site, name, rights }) => ({
    read: () => ok(fullRepository(site, name, roleOf(rights), site.isPublic)),
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

type Tokens = ReturnType<typeof createTokens>;

const rightsOf = (call: Call, tokens: Tokens): TokenRights | undefined => {
  const [scheme = '', value = ''] = (call.headers.authorization ?? '').split(' ');
  return ['bearer', 'token'].includes(scheme.toLowerCase()) ? tokens.rightsOf(value) : undefined;
};

const unauthorized = (call: Call, tokens: Tokens): Reply | undefined => {
  if (!call.headers.authorization) return problem(401, 'Requires authentication');
  return rightsOf(call, tokens) ? undefined : problem(401, 'Bad credentials');
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
 * Returns the response for GitHub's secondary rate limit. It has status 403 and the header
 * retry-after. The other headers show that the primary limit is not reached.
 */
const busy = (): Reply => ({
  ...problem(403, 'You have exceeded a secondary rate limit. Please wait a few minutes.'),
  headers: { ...rate(4000), 'retry-after': '1' },
});

type States = (name: string) => RepositoryState;

const signer = (token: string) => (path: string) =>
  createHmac('sha256', token).update(path).digest('hex');
/** Returns true if the address has a correct signature. A signed address needs no token. */
const isSigned = ({ path, query }: Call, token: string) => query.get('sig') === signer(token)(path);

type Known = GithubOptions & { known: Tokens; moved: Map<string, string> };

const guard = async (
  call: Call,
  name: string,
  { token, repositories, known, moved, isPublic }: Known,
) => {
  if (isSigned(call, token)) return undefined;
  const refused = unauthorized(call, known);
  if (refused) return refused;
  const at = moved.get(name);
  if (at !== undefined) return movedTo(call, name, at);
  if (!(await repositories.names()).includes(name)) return notFound();
  const rights = rightsOf(call, known);
  return rights && refusal(call, rights, isPublic);
};

/**
 * Redirects a request for a renamed repository to the address with the id of the repository. GitHub
 * does this for every method.
 */
const movedTo = (call: Call, name: string, at: string): Reply => {
  const url = `/repositories/${numberOf(at)}${call.path.slice(`/repos/${name}`.length)}`;
  const location = `http://${call.headers.host}${url}`;
  return { ...problem(301, 'Moved Permanently'), headers: { location } };
};

/** Turns an address with the id of a renamed repository into the address with its name. */
const byName = (call: Call, moved: Map<string, string>): Call => {
  const found = /^\/repositories\/(\d+)(.*)$/.exec(call.path);
  const name = [...moved.values()].find((one) => `${numberOf(one)}` === found?.[1]);
  return found && name ? { ...call, path: `/repos/${name}${found[2]}` } : call;
};

const createService = (options: Known, site: Site, states: States): Service => {
  const handle = (asked: Call): Handler => {
    const call = byName(asked, options.moved);
    const rights = rightsOf(call, options.known);
    const limited = (reply: Reply): Reply => ({
      ...reply,
      headers: { ...rate(4990), ...rightsHeaders(rights), ...reply.headers },
    });
    const found = match(routes, call);
    if (!found)
      return {
        read: () =>
          limited(options.known.answerApp(call) ?? unauthorized(call, options.known) ?? notFound()),
      };
    const { params } = found;
    const name = `${params.owner}/${params.repo}`;
    const state = states(name);
    const { read, act, lie } = found.answer({ call, name, params, state, site, rights });
    const first = () => guard(call, name, options);
    return {
      read: async () => {
        const reply = (await first()) ?? (await read?.());
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
    isPublic: options.isPublic ?? false,
    sign: signer(options.token),
    nextId: () => (id += 1),
    now: () => new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  };
};

/**
 * Starts a stand-in for GitHub's REST API. In the result, `address` is the value for Octokit's
 * `baseUrl`. The board counts these effects: createComment, updateIssue, createDeployment,
 * createDeploymentStatus, createPull. The returned functions make the changes that other people
 * would make. The board does not count those changes.
 */
export const startGithub = async (options: GithubOptions) => {
  const stored = new Map<string, RepositoryState>();
  const states: States = (name) => {
    const state = stored.get(name) ?? emptyState();
    stored.set(name, state);
    return state;
  };
  const site = createSite(options);
  const { board, slowMs } = options;
  const moved = new Map<string, string>();
  const admin: TokenRights = { kind: 'classic', scopes: ['repo', 'workflow'], role: 'admin' };
  const known = createTokens({ ...options.tokens, [options.token]: admin }, options.app);
  const service = createService({ ...options, known, moved }, site, states);
  const http = await startHttp({ service, board, ...(slowMs === undefined ? {} : { slowMs }) });
  site.url = http.url;
  const target = (name: string) => ({ site, name, state: states(name) });
  return {
    address: http.url,
    /**
     * Returns the rights of a token, for the git host. Returns undefined if GitHub does not know
     * the token.
     */
    rightsOf: known.rightsOf,
    setCheckRun: (name: string, sha: string, input: CheckRunInput) =>
      setCheckRun({ ...target(name), sha }, input),
    setStatus: (name: string, sha: string, input: StatusInput) =>
      setStatus({ ...target(name), sha }, input),
    createIssue: (name: string, input: IssueInput) => createIssue(target(name), input),
    createPull: (name: string, input: PullInput) => recordPull(target(name), input),
    /** Records a push to a branch. GitHub's list of pushes then shows it. */
    push: (name: string, push: Omit<StoredPush, 'kind'> & Partial<StoredPush>) =>
      void states(name).pushes.push({ kind: 'push', ...push }),
    /**
     * Sets the account that GitHub shows for the commit. Without a verified signature, GitHub only
     * guesses the account from the email address.
     */
    setAccount: (name: string, sha: string, account: { login: string; verified: boolean }) =>
      void Object.assign(states(name).accounts, { [sha]: account }),
    /** Sets the findings that the scanners of the repository report from now on. */
    setAlerts: (name: string, alerts: Partial<AlertState>) =>
      void Object.assign(states(name).alerts, alerts),
    /** Sets the rules for the branches of the repository from now on. */
    setRules: (name: string, rules: Partial<RuleState>) =>
      void Object.assign(states(name).rules, rules),
    /**
     * Starts a run of a workflow. To report the jobs of the run, call `setCheckRun` with the id of
     * the run.
     */
    startRun: (name: string, sha: string, input: RunInput = {}) =>
      startRun(target(name), sha, input),
    /** Renames a repository. The repository must exist at the git host under its new name. */
    rename: (from: string, to: string) => void moved.set(from, to),
    transferIssue: (name: string, number: number) => void states(name).movedIssues.push(number),
    /** Stores an artifact, as a run of GitHub Actions does. */
    storeArtifact: (name: string, input: ArtifactInput) => storeArtifact(target(name), input),
    /** Returns a copy of the stored state, for assertions. */
    state: (name: string) => structuredClone(states(name)),
    close: () => http.close(),
  };
};
