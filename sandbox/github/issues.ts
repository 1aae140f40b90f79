import type { Handler } from '../http.ts';
import { created, invalid, json, notFound, ok, page, problem, route, text } from './routes.ts';
import type { Request, Route, Site } from './routes.ts';
import { nodeId, user } from './shapes.ts';
import { nextNumber } from './state.ts';
import type { RepositoryState, Schemas } from './state.ts';

type Issue = Schemas['issue'];
type Comment = Schemas['issue-comment'];
export type IssueInput = { title: string; body?: string; labels?: string[] };
type Target = { site: Site; state: RepositoryState; name: string };

const labelOf = (name: string) => ({ name, color: 'ededed', default: false, description: null });

const places = ({ site, name }: Target, number: number) => {
  const url = `${site.url}/repos/${name}/issues/${number}`;
  return {
    url,
    repository_url: `${site.url}/repos/${name}`,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `${site.url}/${name}/issues/${number}`,
  };
};

export const createIssue = (target: Target, input: IssueInput): Issue => {
  const { site, state } = target;
  const number = nextNumber(state);
  const id = site.nextId();
  const issue: Issue = {
    ...places(target, number),
    id,
    node_id: nodeId('Issue', id),
    number,
    state: 'open',
    state_reason: null,
    title: input.title,
    body: input.body ?? null,
    user: user(site, site.login),
    labels: (input.labels ?? []).map(labelOf),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    comments: 0,
    closed_at: null,
    closed_by: null,
    created_at: site.now(),
    updated_at: site.now(),
    author_association: 'OWNER',
  };
  state.issues.push(issue);
  return issue;
};

const find = ({ state, params }: Request) =>
  state.issues.find((issue) => `${issue.number}` === params.number);

/**
 * Returns the issue with the wrong state. A closed issue is shown as open, and an open issue as
 * closed.
 */
const stale = (issue: Issue): Issue =>
  issue.state === 'open'
    ? { ...issue, state: 'closed', state_reason: 'completed', closed_at: issue.created_at }
    : { ...issue, state: 'open', state_reason: null, closed_at: null };

const listIssues = (request: Request, issues: Issue[]) => {
  const { query } = request.call;
  const state = query.get('state') ?? 'open';
  const labels = (query.get('labels') ?? '').split(',').filter(Boolean);
  const wanted = issues
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) => issue.updated_at >= (query.get('since') ?? ''))
    .filter(({ labels: own }) =>
      labels.every((name) => own.some((l) => typeof l !== 'string' && l.name === name)),
    );
  const { items, headers } = page(request, wanted.toReversed());
  return { ...ok(items), headers };
};

const patched = (issue: Issue, { site, call }: Request): Issue => {
  const input = json(call) ?? {};
  const state = text(input.state) ?? issue.state;
  const closing = state === 'closed' && issue.state !== 'closed';
  const reopening = state === 'open' && issue.state !== 'open';
  const reason = text(input.state_reason) ?? (closing ? 'completed' : issue.state_reason);
  return {
    ...issue,
    title: text(input.title) ?? issue.title,
    body: text(input.body) ?? issue.body ?? null,
    state,
    state_reason: (reopening ? 'reopened' : (reason ?? null)) as Issue['state_reason'] & string,
    closed_at: closing ? site.now() : reopening ? null : issue.closed_at,
    closed_by: closing ? user(site, site.login) : reopening ? null : (issue.closed_by ?? null),
    updated_at: site.now(),
  };
};

const updateIssue = (request: Request): Handler => {
  const issue = find(request);
  const state = json(request.call)?.state;
  return {
    read: () => {
      if (!issue) return notFound();
      if (!json(request.call)) return problem(400, 'Problems parsing JSON');
      if (state === undefined || state === 'open' || state === 'closed') return undefined;
      return invalid('Issue', 'state', 'invalid');
    },
    act: () => {
      Object.assign(issue!, patched(issue!, request));
      const detail = `${request.name}#${issue!.number} ${issue!.state}`;
      request.site.board.count('github', 'updateIssue', detail);
      return ok(issue);
    },
    lie: () => (issue ? ok(patched(issue, request)) : notFound()),
  };
};

const newComment = (request: Request, issue: Issue): Comment => {
  const id = request.site.nextId();
  const { site, call } = request;
  return {
    id,
    node_id: nodeId('IssueComment', id),
    url: `${site.url}/repos/${request.name}/issues/comments/${id}`,
    html_url: `${issue.html_url}#issuecomment-${id}`,
    issue_url: issue.url,
    body: text(json(call)?.body) ?? '',
    user: user(site, site.login),
    created_at: site.now(),
    updated_at: site.now(),
    author_association: 'OWNER',
    performed_via_github_app: null,
  };
};

const createComment = (request: Request): Handler => {
  const issue = find(request);
  return {
    read: () => {
      if (!issue) return notFound();
      return text(json(request.call)?.body)?.trim()
        ? undefined
        : invalid('IssueComment', 'body', 'missing_field');
    },
    act: () => {
      const comment = newComment(request, issue!);
      request.state.comments.push({ issue: issue!.number, comment });
      issue!.comments += 1;
      issue!.updated_at = comment.created_at;
      request.site.board.count('github', 'createComment', `${request.name}#${issue!.number}`);
      return created(comment);
    },
    lie: () => (issue ? created(newComment(request, issue)) : notFound()),
  };
};

const listComments = (request: Request, newest: 'shown' | 'missing') => {
  const issue = find(request);
  if (!issue) return notFound();
  const all = request.state.comments
    .filter((stored) => stored.issue === issue.number)
    .map(({ comment }) => comment);
  const since = request.call.query.get('since') ?? '';
  const seen = newest === 'shown' ? all : all.slice(0, -1);
  const { items, headers } = page(
    request,
    seen.filter(({ updated_at }) => updated_at >= since),
  );
  return { ...ok(items), headers };
};

/**
 * Returns the answer for a transferred issue. GitHub redirects to the address of the issue in its
 * new repository.
 */
const transferred = ({ site, state, params }: Request) => {
  if (!state.movedIssues.includes(Number(params.number))) return undefined;
  const location = `${site.url}/repositories/7/issues/1`;
  return { ...problem(301, 'Moved Permanently'), headers: { location } };
};

const readIssue = (request: Request): Handler => {
  const issue = find(request);
  return {
    read: () => transferred(request) ?? (issue ? ok(issue) : notFound()),
    lie: () => (issue ? ok(stale(issue)) : notFound()),
  };
};

/**
 * Under the fault `lying-status`, reads show issues in the wrong state and without the newest
 * comment. Writes report success, but do nothing.
 */
export const issueRoutes: Route[] = [
  route('GET /repos/{owner}/{repo}/issues', (request) => ({
    read: () => listIssues(request, request.state.issues),
    lie: () => listIssues(request, request.state.issues.map(stale)),
  })),
  route('GET /repos/{owner}/{repo}/issues/{number}', readIssue),
  route('PATCH /repos/{owner}/{repo}/issues/{number}', updateIssue),
  route('GET /repos/{owner}/{repo}/issues/{number}/comments', (request) => ({
    read: () => listComments(request, 'shown'),
    lie: () => listComments(request, 'missing'),
  })),
  route('POST /repos/{owner}/{repo}/issues/{number}/comments', createComment),
];
