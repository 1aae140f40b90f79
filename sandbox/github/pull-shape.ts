import { resolve } from './checks.ts';
import type { Request } from './routes.ts';
import { nodeId, repository, user } from './shapes.ts';
import { roleOf } from './tokens.ts';
import type { Schemas, StoredPull } from './state.ts';

const side = async (request: Request, branch: string) => {
  const owner = user(request.site, request.name.split('/')[0] ?? '');
  return {
    label: `${owner.login}:${branch}`,
    ref: branch,
    repo: repository(request.site, request.name, roleOf(request.rights)),
    sha: (await resolve(request, `refs/heads/${branch}`)) ?? '0'.repeat(40),
    user: owner,
  };
};

const urls = ({ site, name }: Request, number: number, sha: string) => {
  const api = `${site.url}/repos/${name}`;
  const html = `${site.url}/${name}/pull/${number}`;
  return {
    url: `${api}/pulls/${number}`,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: `${api}/issues/${number}`,
    commits_url: `${api}/pulls/${number}/commits`,
    review_comments_url: `${api}/pulls/${number}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${api}/issues/${number}/comments`,
    statuses_url: `${api}/statuses/${sha}`,
  };
};

const links = (of: ReturnType<typeof urls>) => ({
  self: { href: of.url },
  html: { href: of.html_url },
  issue: { href: of.issue_url },
  commits: { href: of.commits_url },
  comments: { href: of.comments_url },
  review_comments: { href: of.review_comments_url },
  review_comment: { href: of.review_comment_url },
  statuses: { href: of.statuses_url },
});

const history = ({ createdAt, mergedAs }: StoredPull) => ({
  created_at: createdAt,
  updated_at: createdAt,
  closed_at: mergedAs ? createdAt : null,
  merged_at: mergedAs ? createdAt : null,
  merge_commit_sha: mergedAs,
});

const shape = async (request: Request, pull: StoredPull) => {
  const head = await side(request, pull.head);
  const base = await side(request, pull.base);
  const places = urls(request, pull.number, head.sha);
  return {
    ...places,
    ...history(pull),
    id: pull.number,
    node_id: nodeId('PullRequest', pull.number),
    number: pull.number,
    state: pull.state,
    title: pull.title,
    body: pull.body,
    user: user(request.site, pull.author),
    head,
    base,
    labels: [],
    locked: false,
    draft: false,
    milestone: null,
    assignee: null,
    auto_merge: null,
    author_association: 'OWNER' as const,
    _links: links(places),
  };
};

/** Returns a pull request with the fields that GitHub shows in a list. */
export const simplePull = async (
  request: Request,
  pull: StoredPull,
): Promise<Schemas['pull-request-simple']> => await shape(request, pull);

/** Returns a pull request with the fields that GitHub shows when the pull request is created. */
export const fullPull = async (
  request: Request,
  pull: StoredPull,
): Promise<Schemas['pull-request']> => ({
  ...(await shape(request, pull)),
  merged: pull.mergedAs !== null,
  mergeable: null,
  mergeable_state: 'unknown',
  merged_by: null,
  comments: 0,
  review_comments: 0,
  maintainer_can_modify: false,
  commits: 1,
  additions: 0,
  deletions: 0,
  changed_files: 0,
  rebaseable: null,
});
