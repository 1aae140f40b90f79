import { randomBytes, verify } from 'node:crypto';
import type { Call, Reply } from '../http.ts';
import { problem } from './routes.ts';
import { user } from './shapes.ts';
import type { Schemas } from './state.ts';

/** The role of the owner of a personal access token in the repository. */
type Role = 'read' | 'write' | 'admin';
type Level = 'read' | 'write';
/** The names of permissions, as GitHub's API writes them. */
export type PermissionName =
  | 'actions'
  | 'administration'
  | 'checks'
  | 'contents'
  | 'deployments'
  | 'issues'
  | 'metadata'
  | 'pull_requests'
  | 'secret_scanning_alerts'
  | 'security_events'
  | 'statuses'
  | 'vulnerability_alerts';
export type Permissions = Partial<Record<PermissionName, Level>>;

/** What a token may do. An App acts by tokens of its installation. */
export type TokenRights =
  | { kind: 'classic'; scopes: string[]; role: Role }
  | { kind: 'fine-grained'; permissions: Permissions; role: Role }
  | { kind: 'app'; permissions: Permissions };

/** A GitHub App with one installation. `publicKey`: PEM of the key with which it signs. */
export type AppInput = {
  id: number;
  installation: number;
  publicKey: string;
  permissions: Permissions;
};

type Need = { method: RegExp; path: RegExp; permission: PermissionName; level: Level };

const need = (method: string, path: string, permission: PermissionName, level: Level): Need => ({
  method: new RegExp(`^(?:${method})$`),
  path: new RegExp(`^/repos/[^/]+/[^/]+${path}(?:/|$)`),
  permission,
  level,
});

/**
 * The permission that each endpoint needs. Source: "Permissions required for GitHub Apps" and
 * "Permissions required for fine-grained personal access tokens" at docs.github.com (github/docs,
 * src/github-apps/data/fpt-2022-11-28). The first row that fits counts.
 */
const needs: Need[] = [
  need('GET', '/(?:commits/[^/]+/)?check-runs', 'checks', 'read'),
  need('GET', '/commits/[^/]+/status', 'statuses', 'read'),
  need('GET', '/commits/[^/]+/pulls', 'pull_requests', 'read'),
  need('GET', '/(?:commits|compare)', 'contents', 'read'),
  need('GET', '/rules/branches', 'metadata', 'read'),
  need('GET', '/branches/[^/]+/protection', 'administration', 'read'),
  need('GET', '/actions', 'actions', 'read'),
  need('GET', '/issues', 'issues', 'read'),
  need('POST|PATCH', '/issues', 'issues', 'write'),
  need('GET', '/pulls', 'pull_requests', 'read'),
  need('POST', '/pulls', 'pull_requests', 'write'),
  need('GET', '/deployments', 'deployments', 'read'),
  need('POST', '/deployments', 'deployments', 'write'),
  need('GET', '/code-scanning', 'security_events', 'read'),
  need('GET', '/dependabot', 'vulnerability_alerts', 'read'),
  need('GET', '/secret-scanning', 'secret_scanning_alerts', 'read'),
];

const needOf = ({ method, path }: Call): Pick<Need, 'permission' | 'level'> =>
  needs.find((one) => one.method.test(method) && one.path.test(path)) ?? {
    permission: 'metadata',
    level: 'read',
  };

const covers = (has: Level | undefined, wanted: Level) => has === 'write' || has === wanted;

/**
 * Returns GitHub's refusal, or undefined if the token may make the call to a private repository.
 *
 * - A classic token needs the scope `repo`. Without it a private repository does not exist for the
 *   token. Protection is shown to administrators alone, others get "Not Found".
 * - A fine-grained token has no permission for checks at all (github/rest-api-description#4290).
 * - The texts are those of public records, such as PyGithub#973 and octokit/octokit.js#2758.
 */
export function refusal(call: Call, rights: TokenRights): Reply | undefined {
  const { permission, level } = needOf(call);
  if (rights.kind === 'classic') {
    if (!rights.scopes.includes('repo')) return problem(404, 'Not Found');
    return byRole(permission, level, rights.role);
  }
  const possible = rights.kind === 'app' || permission !== 'checks';
  const has = permission === 'metadata' ? 'read' : rights.permissions[permission];
  if (possible && covers(has, level))
    return rights.kind === 'app' ? undefined : byRole(permission, level, rights.role);
  const by = rights.kind === 'app' ? 'integration' : 'personal access token';
  return {
    ...problem(403, `Resource not accessible by ${by}`),
    headers: { 'x-accepted-github-permissions': `${permission}=${level}` },
  };
}

function byRole(permission: PermissionName, level: Level, role: Role): Reply | undefined {
  if (permission === 'administration' && role !== 'admin') return problem(404, 'Not Found');
  const writes = level === 'write' && role === 'read';
  return writes ? problem(403, 'Must have admin rights to Repository.') : undefined;
}

/** The headers with which GitHub tells the rights of a classic token. Other tokens get none. */
export const rightsHeaders = (rights: TokenRights | undefined): Record<string, string> =>
  rights?.kind === 'classic'
    ? { 'x-oauth-scopes': rights.scopes.join(', '), 'x-accepted-oauth-scopes': 'repo' }
    : {};

/**
 * The role of the owner of the token, as GitHub shows it in a repository. null: the token of an App
 * has no owner and no role.
 */
export const roleOf = (rights: TokenRights | undefined) => {
  if (!rights || rights.kind === 'app') return null;
  const admin = rights.role === 'admin';
  const push = rights.role !== 'read';
  return { admin, maintain: admin, push, triage: push, pull: true };
};

const hourMs = 60 * 60_000;

/** Knows every token of the stand-in, with its rights. Tokens of an App expire after one hour. */
export function createTokens(fixed: Record<string, TokenRights>, app: AppInput | undefined) {
  const made = new Map<string, number>();
  return {
    rightsOf(token: string): TokenRights | undefined {
      const until = made.get(token);
      if (until !== undefined && app)
        return Date.now() < until ? { kind: 'app', permissions: app.permissions } : undefined;
      return Object.hasOwn(fixed, token) ? fixed[token] : undefined;
    },
    /** Answers the calls that an App makes with its own signature, or returns undefined. */
    answerApp(call: Call): Reply | undefined {
      const found = /^\/app\/installations\/(\d+)(\/access_tokens)?$/.exec(call.path);
      if (!found) return undefined;
      const refused = refuseApp(call, app);
      if (refused) return refused;
      if (Number(found[1]) !== app!.installation) return problem(404, 'Not Found');
      // Every App has the permission for metadata.
      const permissions = { metadata: 'read', ...app!.permissions };
      if (found[2] === undefined) return { status: 200, body: installationOf(app!, permissions) };
      const token = `ghs_${randomBytes(18).toString('hex')}`;
      const until = Date.now() + hourMs;
      made.set(token, until);
      return {
        status: 201,
        body: {
          token,
          expires_at: new Date(until).toISOString(),
          permissions,
          repository_selection: 'selected',
        },
      };
    },
  };
}

function installationOf({ id, installation }: AppInput, permissions: object) {
  const api = 'https://api.github.com';
  return {
    id: installation,
    account: user({ url: 'https://github.com' }, 'acme'),
    repository_selection: 'selected',
    access_tokens_url: `${api}/app/installations/${installation}/access_tokens`,
    repositories_url: `${api}/installation/repositories`,
    html_url: `https://github.com/organizations/acme/settings/installations/${installation}`,
    app_id: id,
    target_id: 1,
    target_type: 'Organization',
    permissions,
    events: [],
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    single_file_name: null,
    app_slug: 'plimsoll',
    suspended_at: null,
    suspended_by: null,
  } satisfies Schemas['installation'];
}

/** Checks the JSON web token of an App as GitHub does. */
function refuseApp(call: Call, app: AppInput | undefined): Reply | undefined {
  const bad = problem(401, 'A JSON web token could not be decoded');
  const jwt = (call.headers.authorization ?? '').replace(/^bearer /i, '');
  const [head = '', body = '', signature = ''] = jwt.split('.');
  if (!app || signature === '') return bad;
  const signed = Buffer.from(`${head}.${body}`);
  const isGenuine = verify(
    'RSA-SHA256',
    signed,
    app.publicKey,
    Buffer.from(signature, 'base64url'),
  );
  if (!isGenuine) return bad;
  const { iss, exp } = JSON.parse(Buffer.from(body, 'base64url').toString()) as {
    iss?: unknown;
    exp?: number;
  };
  if (String(iss) !== String(app.id)) return problem(404, 'Integration not found');
  return (exp ?? 0) * 1000 > Date.now() ? undefined : bad;
}
