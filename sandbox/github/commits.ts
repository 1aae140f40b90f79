import { resolve } from './checks.ts';
import { notFound, ok, page, problem, route } from './routes.ts';
import type { Request, Route } from './routes.ts';
import { nodeId, user } from './shapes.ts';
import type { Schemas } from './state.ts';

type Commit = Schemas['commit'];
type DiffEntry = Schemas['diff-entry'];

const fields = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'];
const format = `--format=${fields.join('%x00')}%x1e`;

/** GitHub's verdict about the signature of a commit. */
const verification = (verified: boolean) => ({
  verified,
  reason: verified ? 'valid' : 'unsigned',
  signature: verified ? '-----BEGIN SSH SIGNATURE-----' : null,
  payload: verified ? 'tree' : null,
  verified_at: verified ? '2026-01-01T00:00:00Z' : null,
});

const commitOf = ({ site, name, state }: Request, record: string): Commit => {
  const parts = record.trimStart().split('\0');
  const [sha = '', tree = '', parents = '', an = '', ae = '', aI = ''] = parts;
  const [cn = '', ce = '', cI = '', message = ''] = parts.slice(6);
  const api = `${site.url}/repos/${name}`;
  const html = `${site.url}/${name}/commit`;
  const account = state.accounts[sha];
  const parentOf = (parent: string) => ({ sha: parent, url: `${api}/commits/${parent}` });
  return {
    sha,
    node_id: nodeId('Commit', sha),
    url: `${api}/commits/${sha}`,
    html_url: `${html}/${sha}`,
    comments_url: `${api}/commits/${sha}/comments`,
    commit: {
      url: `${api}/git/commits/${sha}`,
      author: { name: an, email: ae, date: aI },
      committer: { name: cn, email: ce, date: cI },
      message: message.trimEnd(),
      comment_count: 0,
      tree: { sha: tree, url: `${api}/git/trees/${tree}` },
      verification: verification(account?.verified === true),
    },
    author: account ? user(site, account.login) : null,
    committer: account ? user(site, account.login) : null,
    parents: parents.split(' ').filter(Boolean).map(parentOf),
  };
};

/** Returns the commits of a git range or of one revision. The newest commit comes first. */
const log = async (request: Request, range: string[]) => {
  const { site, name } = request;
  const output = await site.repositories.git(name, ['log', format, '--end-of-options', ...range]);
  return output
    .split('\x1e')
    .filter((record) => record.trim())
    .map((record) => commitOf(request, record));
};
const one = async (request: Request, sha: string) => (await log(request, [`${sha}^!`]))[0]!;

const kinds = { A: 'added', D: 'removed', M: 'modified', T: 'changed' } as const;

const files = async (request: Request, base: string, head: string): Promise<DiffEntry[]> => {
  const { site, name } = request;
  const diff = (...how: string[]) =>
    site.repositories.git(name, ['diff-tree', '-r', '-z', '--no-renames', ...how, base, head]);
  const raw = (await diff('--raw', '--no-abbrev')).split('\0').filter(Boolean);
  const counts = (await diff('--numstat')).split('\0').filter(Boolean);
  return counts.map((line, at) => {
    const [added = '0', removed = '0', filename = ''] = line.split('\t');
    const [, , , blob = '', letter = 'M'] = (raw[2 * at] ?? '').split(' ');
    const [additions, deletions] = [Number(added) || 0, Number(removed) || 0];
    const api = `${site.url}/repos/${name}/contents/${filename}?ref=${head}`;
    return {
      sha: letter === 'D' ? null : blob,
      filename,
      status: kinds[letter as keyof typeof kinds] ?? 'changed',
      additions,
      deletions,
      changes: additions + deletions,
      blob_url: `${site.url}/${name}/blob/${head}/${filename}`,
      raw_url: `${site.url}/${name}/raw/${head}/${filename}`,
      contents_url: api,
    };
  });
};

const relation = (ahead: number, behind: number) => {
  if (ahead && behind) return 'diverged';
  if (ahead) return 'ahead';
  return behind ? 'behind' : 'identical';
};

const compare = async (request: Request) => {
  const { site, name, params } = request;
  const [from = '', to = ''] = (params.basehead ?? '').split('...');
  const [base, head] = [await resolve(request, from), await resolve(request, to)];
  if (!base || !head) return notFound();
  const fork = await site.repositories.git(name, ['merge-base', base, head]).catch(() => '');
  if (!fork) return problem(404, `No common ancestor between ${from} and ${to}.`);
  const ahead = (await log(request, [head, `^${base}`])).toReversed();
  const behind = (await log(request, [base, `^${head}`])).length;
  const { items, headers } = page(request, ahead);
  const html = `${site.url}/${name}/compare/${params.basehead}`;
  const body: Schemas['commit-comparison'] = {
    url: `${site.url}/repos/${name}/compare/${params.basehead}`,
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: await one(request, base),
    merge_base_commit: await one(request, fork),
    status: relation(ahead.length, behind),
    ahead_by: ahead.length,
    behind_by: behind,
    total_commits: ahead.length,
    commits: items,
    files: await files(request, fork, head),
  };
  return { ...ok(body), headers };
};

const getCommit = async (request: Request) => {
  const ref = request.params.ref ?? '';
  const sha = await resolve(request, ref);
  if (!sha) return problem(422, `No commit found for SHA: ${ref}`);
  return ok(await one(request, sha));
};

const listCommits = async (request: Request) => {
  const head = await resolve(request, request.call.query.get('sha') ?? 'HEAD');
  if (!head) return notFound();
  const { items, headers } = page(request, await log(request, [head]));
  return { ...ok(items), headers };
};

/** Lists the pushes as GitHub does, with the newest push first. */
const listActivity = (request: Request) => {
  const { site, state } = request;
  const all = state.pushes.map(({ login, kind, ...push }, at): Schemas['activity'] => ({
    id: at + 1,
    node_id: nodeId('Activity', at + 1),
    ...push,
    timestamp: '2026-01-01T00:00:00Z',
    activity_type: kind,
    actor: user(site, login),
  }));
  const { items, headers } = page(request, all.toReversed());
  return { ...ok(items), headers };
};

export const commitRoutes: Route[] = [
  route('GET /repos/{owner}/{repo}/commits', (request) => ({
    read: () => listCommits(request),
  })),
  route('GET /repos/{owner}/{repo}/activity', (request) => ({
    read: () => listActivity(request),
  })),
  route('GET /repos/{owner}/{repo}/compare/{basehead}', (request) => ({
    read: () => compare(request),
  })),
  route('GET /repos/{owner}/{repo}/commits/{ref}', (request) => ({
    read: () => getCommit(request),
  })),
];
