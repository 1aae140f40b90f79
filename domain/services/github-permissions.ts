import type { TokenKind, TokenPermission } from './call.ts';

type Level = 'read' | 'write';

type Described = {
  /** The name in the `permissions` of an installation. */
  api: string;
  /** The name on GitHub's pages. */
  title: string;
  level: Level;
  /** The same values as `TokenPermission.needed`. */
  needed: string;
  use: string;
};

const withArtifact = 'only for `tests.artifact` and `tests.deployJobs`';
const withAudit = 'only for `audit.github`';

/**
 * Every permission at GitHub that Plimsoll needs. Messages, `plimsoll doctor`, docs/permissions.md
 * and the calls in docs/real-services.md use this list.
 */
export const githubPermissions = {
  metadata: {
    api: 'metadata',
    title: 'Metadata',
    level: 'read',
    needed: 'always',
    use: 'the repository and its rulesets; every token has it',
  },
  checks: {
    api: 'checks',
    title: 'Checks',
    level: 'read',
    needed: 'always',
    use: 'the checks of the commit, for the tests gate',
  },
  statuses: {
    api: 'statuses',
    title: 'Commit statuses',
    level: 'read',
    needed: 'always',
    use: 'the statuses of the commit, for the tests gate',
  },
  contents: {
    api: 'contents',
    title: 'Contents',
    level: 'write',
    needed: 'always; reading is enough with `revert: off` on a host or at Cloudflare',
    use: 'git: to read the repository, and to push a commit or its revert',
  },
  issues: {
    api: 'issues',
    title: 'Issues',
    level: 'write',
    needed: 'always',
    use: 'to comment on, close and reopen linked issues',
  },
  pulls: {
    api: 'pull_requests',
    title: 'Pull requests',
    level: 'write',
    needed: 'always',
    use: 'the authors and titles of changes, and reverts by pull request',
  },
  deployments: {
    api: 'deployments',
    title: 'Deployments',
    level: 'write',
    needed: 'always',
    use: 'the state of each deploy at GitHub',
  },
  administration: {
    api: 'administration',
    title: 'Administration',
    level: 'read',
    needed: 'optional',
    use: 'the checks that branch protection requires; else name them under `tests.required`',
  },
  workflows: {
    api: 'workflows',
    title: 'Workflows',
    level: 'write',
    needed: 'optional',
    use: 'to push a commit, or a revert, that changes a file in `.github/workflows`',
  },
  actions: {
    api: 'actions',
    title: 'Actions',
    level: 'read',
    needed: withArtifact,
    use: 'the runs, jobs and artifacts of GitHub Actions',
  },
  codeScanning: {
    api: 'security_events',
    title: 'Code scanning alerts',
    level: 'read',
    needed: withAudit,
    use: 'open alerts, for the audit gate',
  },
  dependabot: {
    api: 'vulnerability_alerts',
    title: 'Dependabot alerts',
    level: 'read',
    needed: withAudit,
    use: 'open alerts, for the audit gate',
  },
  secretScanning: {
    api: 'secret_scanning_alerts',
    title: 'Secret scanning alerts',
    level: 'read',
    needed: withAudit,
    use: 'open alerts, for the audit gate',
  },
} as const satisfies Record<string, Described>;

export type GithubPermission = keyof typeof githubPermissions;

export const githubPermissionNames = Object.keys(githubPermissions) as GithubPermission[];

/** Returns the permission in the middle of a sentence, such as "issues (write)". */
export function githubPermissionWords(permission: GithubPermission): string {
  const { title, level } = githubPermissions[permission];
  const name = title.startsWith('Dependabot') ? title : title.toLowerCase();
  return `${name} (${level})`;
}

/** Returns the permission in the words of GitHub's pages, such as "Issues: read". */
export const githubPermission = (
  permission: GithubPermission,
  level: Level = githubPermissions[permission].level,
) => `${githubPermissions[permission].title}: ${level}`;

const documented = (permission: GithubPermission): TokenPermission => {
  const { needed, use } = githubPermissions[permission];
  return { name: githubPermission(permission), needed, use };
};

const everywhere = githubPermissionNames.filter((one) => one !== 'metadata');

/** The permissions that every token has for a public repository. */
const publicReads: readonly GithubPermission[] = ['checks', 'statuses'];
const notPublic = everywhere.filter((one) => !publicReads.includes(one));

/** The kinds of token, each with every permission that it needs. */
export const githubTokens: readonly TokenKind[] = [
  {
    name: 'classic personal access token',
    permissions: [
      {
        name: 'the scope repo',
        needed: 'always; public_repo is enough for a public repository',
        use: 'every call',
      },
      {
        name: 'the role "write" of its owner',
        needed: 'always',
        use: 'everything that a deploy writes',
      },
      {
        name: 'the role "admin" of its owner',
        needed: 'only for secret scanning alerts in `audit.github`; else optional',
        use: `${githubPermissions.administration.use}`,
      },
      { name: 'the scope workflow', needed: 'optional', use: githubPermissions.workflows.use },
    ],
  },
  { name: 'GitHub App', permissions: everywhere.map(documented) },
  {
    name: 'fine-grained personal access token, public repository',
    permissions: notPublic.map(documented),
  },
];
