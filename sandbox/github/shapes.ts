import type { Site } from './routes.ts';
import type { Schemas } from './state.ts';

/**
 * Returns a node id. Any stable text works, because clients never read the content of a node id.
 */
export const nodeId = (kind: string, id: number | string) =>
  Buffer.from(`${kind}:${id}`).toString('base64url');

/** Returns a numeric id. The id depends only on the name, so that it never changes. */
export const numberOf = (name: string) =>
  Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) % 100_000_000, 7);

export const user = ({ url }: Pick<Site, 'url'>, login: string): Schemas['simple-user'] => {
  const api = `${url}/users/${login}`;
  const id = numberOf(login);
  return {
    login,
    id,
    node_id: nodeId('User', id),
    avatar_url: `${url}/avatars/${login}`,
    gravatar_id: '',
    url: api,
    html_url: `${url}/${login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  };
};

const templates = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
} as const;

const urls = (api: string) =>
  Object.fromEntries(Object.entries(templates).map(([key, path]) => [key, api + path])) as Record<
    keyof typeof templates,
    string
  >;

export const minimalRepository = (site: Site, name: string): Schemas['minimal-repository'] => {
  const [owner = '', repo = ''] = name.split('/');
  const id = numberOf(name);
  const api = `${site.url}/repos/${name}`;
  return {
    id,
    node_id: nodeId('Repository', id),
    name: repo,
    full_name: name,
    owner: user(site, owner),
    private: true,
    html_url: `${site.url}/${name}`,
    description: null,
    fork: false,
    url: api,
    ...urls(api),
  };
};

const firstDay = '2026-01-01T00:00:00Z';

const features = {
  has_issues: true,
  has_projects: false,
  has_wiki: false,
  has_pages: false,
  has_downloads: false,
  has_discussions: false,
  allow_rebase_merge: true,
  allow_squash_merge: true,
  is_template: false,
  archived: false,
  disabled: false,
};
const numbers = {
  forks: 0,
  forks_count: 0,
  stargazers_count: 0,
  watchers: 0,
  watchers_count: 0,
  open_issues: 0,
  open_issues_count: 0,
  size: 1,
};
const description = { description: null, homepage: null, language: null, license: null };

const addresses = (html: string) => ({
  html_url: html,
  git_url: `${html}.git`,
  ssh_url: `${html}.git`,
  clone_url: `${html}.git`,
  svn_url: html,
  mirror_url: null,
});

type RepositoryPermissions = Schemas['repository']['permissions'];

/**
 * Returns a repository. `permissions` contains the rights of the owner of the token. If
 * `permissions` is null, the answer does not show these rights.
 */
export const repository = (
  site: Site,
  name: string,
  permissions: RepositoryPermissions | null,
): Schemas['repository'] => {
  const { id, node_id, name: repo, full_name, owner, fork, url } = minimalRepository(site, name);
  return {
    id,
    node_id,
    name: repo,
    full_name,
    owner,
    fork,
    url,
    ...urls(url),
    ...addresses(`${site.url}/${name}`),
    ...features,
    ...numbers,
    ...description,
    private: true,
    visibility: 'private',
    topics: [],
    default_branch: 'main',
    pushed_at: firstDay,
    created_at: firstDay,
    updated_at: firstDay,
    ...(permissions ? { permissions } : {}),
  };
};

/**
 * Returns the repository with two more fields. Only the answer about one repository has these
 * fields.
 */
export const fullRepository = (
  site: Site,
  name: string,
  permissions: RepositoryPermissions | null,
  isPublic: boolean,
) => ({
  ...repository(site, name, permissions),
  ...(isPublic ? { private: false, visibility: 'public' } : {}),
  network_count: 0,
  subscribers_count: 0,
});
