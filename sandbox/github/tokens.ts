import { randomBytes, verify } from 'node:crypto';
import type { Call, Reply } from '../http.ts';
import { isPublicRead, needOf } from './permissions.ts';
import type { Level, Need, PermissionName, Permissions } from './permissions.ts';
import { problem } from './routes.ts';
import { user } from './shapes.ts';
import type { Schemas } from './state.ts';

/** The role of the owner of a personal access token in the repository. */
type Role = 'read' | 'write' | 'admin';
/** The rights of a token. The kind `app` is for a token of an App's installation. */
export type TokenRights =
  | { kind: 'classic'; scopes: string[]; role: Role }
  | { kind: 'fine-grained'; permissions: Permissions; role: Role }
  | { kind: 'app'; permissions: Permissions };

/**
 * A GitHub App with one installation. `publicKey` is the PEM of the key with which the App signs.
 */
export type AppInput = {
  id: number;
  installation: number;
  publicKey: string;
  permissions: Permissions;
};

const covers = (has: Level | undefined, wanted: Level) => has === 'write' || has === wanted;

/**
 * Returns GitHub's refusal of a token that lacks a permission. The texts come from public records.
 */
const lacking = (rights: TokenRights, { permission, level }: Need): Reply => {
  const by = rights.kind === 'app' ? 'integration' : 'personal access token';
  return {
    ...problem(403, `Resource not accessible by ${by}`),
    headers: { 'x-accepted-github-permissions': `${permission}=${level}` },
  };
};

/** Returns the level of this permission that an App or a fine-grained token has. */
const levelOf = (rights: Exclude<TokenRights, { kind: 'classic' }>, { permission }: Need) => {
  if (permission === 'metadata') return 'read';
  // github/docs, fpt-2026-03-10/fine-grained-pat-permissions.json (commit 0a351d98e5f6) has no
  // permission "checks". See also github/rest-api-description#4290.
  if (rights.kind === 'fine-grained' && permission === 'checks') return undefined;
  return rights.permissions[permission];
};

/**
 * Returns GitHub's refusal, or undefined if the token may make the call.
 *
 * - A classic token needs the scope `repo`, or `public_repo` for a public repository. Without the
 *   scope, GitHub answers for a private repository as if it did not exist. In a public repository,
 *   such a token may only read. Only administrators see branch protection and secret scanning
 *   alerts. All others get "Not Found".
 * - The texts come from public records, such as PyGithub#973 and octokit/octokit.js#2758.
 */
export function refusal(call: Call, rights: TokenRights, isPublic = false): Reply | undefined {
  const need = needOf(call);
  if (!need) return lacking(rights, { permission: 'metadata', level: 'write' });
  const { permission, level } = need;
  if (isPublic && isPublicRead(call, need)) return undefined;
  if (rights.kind === 'classic') {
    const { scopes, role } = rights;
    if (scopes.includes('repo') || (isPublic && scopes.includes('public_repo')))
      return byRole(permission, level, role);
    return isPublic && level === 'write'
      ? problem(403, 'Resource not accessible by personal access token')
      : problem(404, 'Not Found');
  }
  if (!covers(levelOf(rights, need), level)) return lacking(rights, need);
  return rights.kind === 'app' ? undefined : byRole(permission, level, rights.role);
}

const onlyAdmins: readonly PermissionName[] = ['administration', 'secret_scanning_alerts'];

function byRole(permission: PermissionName, level: Level, role: Role): Reply | undefined {
  if (onlyAdmins.includes(permission) && role !== 'admin') return problem(404, 'Not Found');
  const writes = level === 'write' && role === 'read';
  return writes ? problem(403, 'Must have admin rights to Repository.') : undefined;
}

/** The answer of GitHub's git server when it refuses a token. */
export type GitRefusal = { status: number; words: string };

/**
 * Returns the answer of GitHub's git server if the token may not fetch or push. Otherwise, returns
 * null. The texts come from public records, such as ad-m/github-push-action#165.
 */
export function gitRefusal(
  rights: TokenRights,
  { name, login, writes, isPublic = false }: GitCall,
): GitRefusal | null {
  if (isPublic && !writes) return null;
  const level: Level = writes ? 'write' : 'read';
  const denied = { status: 403, words: `Permission to ${name}.git denied to ${login}.` };
  if (rights.kind === 'classic') {
    const { scopes, role } = rights;
    const scoped = scopes.includes('repo') || (isPublic && scopes.includes('public_repo'));
    if (!scoped) return isPublic ? denied : { status: 404, words: 'Repository not found.' };
    return writes && role === 'read' ? denied : null;
  }
  if (!covers(rights.permissions.contents, level))
    return { status: 403, words: 'Write access to repository not granted.' };
  return writes && rights.kind === 'fine-grained' && rights.role === 'read' ? denied : null;
}

type GitCall = { name: string; login: string; writes: boolean; isPublic?: boolean };

/**
 * Returns the text with which GitHub refuses a push that changes a workflow file. Returns null if
 * the token may push this change. PATH stands for the file. Sources: flashcatcloud/categraf#34 and
 * aormsby/Fork-Sync-With-Upstream-action#12.
 */
export function workflowRefusal(rights: TokenRights): string | null {
  if (rights.kind === 'classic')
    return rights.scopes.includes('workflow')
      ? null
      : 'refusing to allow a Personal Access Token to create or update workflow `PATH` without `workflow` scope';
  if (rights.permissions.workflows === 'write') return null;
  const who = rights.kind === 'app' ? 'a GitHub App' : 'a Personal Access Token';
  return `refusing to allow ${who} to create or update workflow \`PATH\` without \`workflows\` permission`;
}

/**
 * Returns the headers in which GitHub shows the rights of a classic token. For other tokens, there
 * are no such headers.
 */
export const rightsHeaders = (rights: TokenRights | undefined): Record<string, string> =>
  rights?.kind === 'classic'
    ? { 'x-oauth-scopes': rights.scopes.join(', '), 'x-accepted-oauth-scopes': 'repo' }
    : {};

/**
 * Returns the role that GitHub shows in a repository for the owner of the token. Returns null if
 * the token belongs to an App, which has no owner and no role.
 */
export const roleOf = (rights: TokenRights | undefined) => {
  if (!rights || rights.kind === 'app') return null;
  const admin = rights.role === 'admin';
  const push = rights.role !== 'read';
  return { admin, maintain: admin, push, triage: push, pull: true };
};

const hourMs = 60 * 60_000;

/**
 * Makes the store of all tokens of the stand-in, with their rights. Tokens of an App expire after
 * one hour.
 */
export function createTokens(fixed: Record<string, TokenRights>, app: AppInput | undefined) {
  const made = new Map<string, number>();
  return {
    rightsOf(token: string): TokenRights | undefined {
      const until = made.get(token);
      if (until !== undefined && app)
        return Date.now() < until ? { kind: 'app', permissions: app.permissions } : undefined;
      return Object.hasOwn(fixed, token) ? fixed[token] : undefined;
    },
    /**
     * Answers the calls that an App makes with its own signature. Returns undefined for any other
     * call.
     */
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

/**
 * Checks the JSON web token of an App, as GitHub does. Returns the refusal, or undefined if the
 * token is valid.
 */
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
