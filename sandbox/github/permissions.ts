import type { Call } from '../http.ts';

export type Level = 'read' | 'write';
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
  | 'vulnerability_alerts'
  | 'workflows';
export type Permissions = Partial<Record<PermissionName, Level>>;

export type Need = { permission: PermissionName; level: Level };

const repo = '/repos/{owner}/{repo}';

/**
 * The permission that each call needs. Source: github/docs,
 * src/github-apps/data/fpt-2026-03-10/server-to-server-permissions.json, commit 02ac71cd67f1. If a
 * call comments on an issue or changes an issue, GitHub also accepts "pull_requests". The stand-in
 * does not accept this permission, because most issues are not pull requests.
 */
export const documentedNeeds: Readonly<Record<string, Need>> = {
  [`GET ${repo}`]: { permission: 'metadata', level: 'read' },
  [`GET ${repo}/rules/branches/{branch}`]: { permission: 'metadata', level: 'read' },
  [`GET ${repo}/commits/{ref}/check-runs`]: { permission: 'checks', level: 'read' },
  [`GET ${repo}/commits/{ref}/status`]: { permission: 'statuses', level: 'read' },
  [`GET ${repo}/commits/{commit_sha}/pulls`]: { permission: 'pull_requests', level: 'read' },
  [`GET ${repo}/commits`]: { permission: 'contents', level: 'read' },
  [`GET ${repo}/activity`]: { permission: 'contents', level: 'read' },
  [`GET ${repo}/commits/{ref}`]: { permission: 'contents', level: 'read' },
  [`GET ${repo}/compare/{basehead}`]: { permission: 'contents', level: 'read' },
  [`GET ${repo}/branches`]: { permission: 'contents', level: 'read' },
  [`GET ${repo}/branches/{branch}`]: { permission: 'contents', level: 'read' },
  [`GET ${repo}/branches/{branch}/protection/required_status_checks`]: {
    permission: 'administration',
    level: 'read',
  },
  [`GET ${repo}/actions/runs`]: { permission: 'actions', level: 'read' },
  [`GET ${repo}/actions/runs/{run_id}/artifacts`]: { permission: 'actions', level: 'read' },
  [`GET ${repo}/actions/runs/{run_id}/jobs`]: { permission: 'actions', level: 'read' },
  [`GET ${repo}/actions/artifacts/{artifact_id}/{archive_format}`]: {
    permission: 'actions',
    level: 'read',
  },
  [`GET ${repo}/code-scanning/alerts`]: { permission: 'security_events', level: 'read' },
  [`GET ${repo}/code-scanning/analyses`]: { permission: 'security_events', level: 'read' },
  [`GET ${repo}/dependabot/alerts`]: { permission: 'vulnerability_alerts', level: 'read' },
  [`GET ${repo}/secret-scanning/alerts`]: { permission: 'secret_scanning_alerts', level: 'read' },
  [`GET ${repo}/issues`]: { permission: 'issues', level: 'read' },
  [`GET ${repo}/issues/{issue_number}`]: { permission: 'issues', level: 'read' },
  [`GET ${repo}/issues/{issue_number}/comments`]: { permission: 'issues', level: 'read' },
  [`POST ${repo}/issues/{issue_number}/comments`]: { permission: 'issues', level: 'write' },
  [`PATCH ${repo}/issues/{issue_number}`]: { permission: 'issues', level: 'write' },
  [`GET ${repo}/pulls`]: { permission: 'pull_requests', level: 'read' },
  [`POST ${repo}/pulls`]: { permission: 'pull_requests', level: 'write' },
  [`GET ${repo}/deployments`]: { permission: 'deployments', level: 'read' },
  [`POST ${repo}/deployments`]: { permission: 'deployments', level: 'write' },
  [`GET ${repo}/deployments/{deployment_id}/statuses`]: {
    permission: 'deployments',
    level: 'read',
  },
  [`POST ${repo}/deployments/{deployment_id}/statuses`]: {
    permission: 'deployments',
    level: 'write',
  },
};

const patterns = Object.entries(documentedNeeds).map(([call, need]) => ({
  pattern: new RegExp(`^${call.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  need,
}));

/**
 * Returns the permission that the call needs. Returns undefined if GitHub's data contains no
 * permission for this call. Then no App and no fine-grained token may make the call.
 */
export const needOf = ({ method, path }: Pick<Call, 'method' | 'path'>): Need | undefined =>
  patterns.find(({ pattern }) => pattern.test(`${method} ${path}`))?.need;

/**
 * Returns true for a read that needs no permission in a public repository. Data about alerts and
 * branch protection is never public. Artifacts always need a token.
 */
export const isPublicRead = (call: Call, { permission, level }: Need) =>
  level === 'read' &&
  !['administration', 'security_events', 'vulnerability_alerts'].includes(permission) &&
  permission !== 'secret_scanning_alerts' &&
  !call.path.includes('/actions/artifacts/');
