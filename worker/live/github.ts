import { accessOf, secretRefOf, variableOf } from '../../activities/github/access.ts';
import type { Access } from '../../activities/github/access.ts';
import { split } from '../../activities/github/ask.ts';
import { appToken } from '../../activities/github/installation-token.ts';
import { at, createLive, idAt } from '../../activities/lib/live.ts';
import type { Config } from '../../domain/config/config.ts';
import { github as vendor } from '../../domain/services/github.ts';
import type { LiveCheck, Shown } from '../../domain/services/live.ts';
import { secret } from '../config/secrets.ts';
import { isSet } from '../doctor/secrets.ts';

type Place = { repository: string; branch: string };

/** Makes every read request of a deploy, for each repository. Changes nothing. */
export function githubLive({ github: site, projects }: Config, env: NodeJS.ProcessEnv) {
  if (!site) return [];
  const places = new Map<string, Place>();
  for (const { github: repository, branch } of Object.values(projects))
    if (repository) places.set(`${repository} ${branch}`, { repository, branch });
  const variable = variableOf(site);
  const service = site.app ? { ...vendor, grant: grantOfApp } : vendor;
  return [...places.values()].map((place): LiveCheck => {
    const name = `GitHub ${place.repository}`;
    const api = site.api.replace(/\/$/, '');
    const run = async () => {
      const live = createLive({ service, place: name, api, token: '', variable });
      const shown = await authorized(live, api, () => accessOf(site, (ref) => secret(ref, env)));
      return shown ? await tryAll(place, live, shown) : live.end(noToken);
    };
    return { name, needs: isSet(secretRefOf(site), env) ? null : variable, run };
  });
}

type Live = ReturnType<typeof createLive>;
/**
 * Reads GitHub's answer about the repository. Returns a function that says whether the token may
 * make a change.
 */
type ShownBy = (repository: { data: unknown; headers: Headers }) => Shown;

const grantOfApp =
  'Give the permission to the GitHub App, and accept the permission in the installation.';
const noToken = 'there is no token for the repository';
const installation = '/app/installations/{installation_id}';
const makeToken = `POST ${installation}/access_tokens`;

/**
 * Gives `live` a token. This is the personal access token, or a token of the App's installation.
 * Returns undefined if the App gets no token.
 */
async function authorized(
  live: Live,
  api: string,
  read: () => Access,
): Promise<ShownBy | undefined> {
  let access: Access;
  try {
    access = read();
    if ('token' in access) {
      live.use(access.token);
      return writesOf;
    }
    live.use(await appToken(api, access));
  } catch (cause) {
    live.failed(makeToken, (cause as Error).message);
    return undefined;
  }
  const path = `/app/installations/${access.app.installation}`;
  const found = await live.read({ call: `GET ${installation}`, path });
  const made = await live.read({ call: makeToken, path: `${path}/access_tokens`, body: {} });
  const token = idAt(made?.data, 'token');
  if (token === undefined) return undefined;
  live.use(token);
  return () => writesOfApp(at(found?.data, 'permissions'));
}

const root = '/repos/{owner}/{repo}';
const noRules = (_: number, words: string) =>
  /^(upgrade to github|branch not protected|required status checks not enabled)/i.test(words)
    ? words
    : null;
const noScanner = (_: number, words: string) =>
  /disabled|must be enabled|not enabled|upgrade|no analysis found/i.test(words) ? words : null;

async function tryAll({ repository, branch }: Place, { read, end }: Live, shown: ShownBy) {
  const { owner, repo } = split(repository);
  const path = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}`;
  const ref = encodeURIComponent(branch);
  const one = { per_page: 1 };
  const found = await read({ call: `GET ${root}`, path });
  if (!found) return end('the repository could not be read');
  await read({
    call: `GET ${root}/commits/{ref}/check-runs`,
    path: `${path}/commits/${ref}/check-runs`,
    query: { ...one, filter: 'latest' },
  });
  const status = await read({
    call: `GET ${root}/commits/{ref}/status`,
    path: `${path}/commits/${ref}/status`,
    query: one,
  });
  const sha = idAt(status?.data, 'sha');
  if (sha)
    await read({
      call: `GET ${root}/commits/{commit_sha}/pulls`,
      path: `${path}/commits/${sha}/pulls`,
      query: one,
    });
  await read({ call: `GET ${root}/commits`, path: `${path}/commits`, query: one });
  await read({ call: `GET ${root}/activity`, path: `${path}/activity`, query: one });
  await read({
    call: `GET ${root}/rules/branches/{branch}`,
    path: `${path}/rules/branches/${ref}`,
    query: one,
    none: noRules,
  });
  await read({
    call: `GET ${root}/branches/{branch}/protection/required_status_checks`,
    path: `${path}/branches/${ref}/protection/required_status_checks`,
    none: noRules,
  });
  const runs = await read({
    call: `GET ${root}/actions/runs`,
    path: `${path}/actions/runs`,
    query: one,
  });
  await readRun(read, path, idAt(runs?.data, 'workflow_runs', 0, 'id'));
  const open = { ...one, state: 'open' };
  await read({
    call: `GET ${root}/code-scanning/alerts`,
    path: `${path}/code-scanning/alerts`,
    query: open,
    none: noScanner,
  });
  await read({
    call: `GET ${root}/code-scanning/analyses`,
    path: `${path}/code-scanning/analyses`,
    query: one,
    none: noScanner,
  });
  for (const kind of ['dependabot', 'secret-scanning'])
    await read({
      call: `GET ${root}/${kind}/alerts`,
      path: `${path}/${kind}/alerts`,
      query: open,
      none: noScanner,
    });
  const issues = await read({
    call: `GET ${root}/issues`,
    path: `${path}/issues`,
    query: { ...one, state: 'all' },
  });
  const number = idAt(issues?.data, 0, 'number');
  if (number) {
    await read({ call: `GET ${root}/issues/{issue_number}`, path: `${path}/issues/${number}` });
    await read({
      call: `GET ${root}/issues/{issue_number}/comments`,
      path: `${path}/issues/${number}/comments`,
      query: one,
    });
  }
  const deployments = await read({
    call: `GET ${root}/deployments`,
    path: `${path}/deployments`,
    query: one,
  });
  const deployment = idAt(deployments?.data, 0, 'id');
  if (deployment)
    await read({
      call: `GET ${root}/deployments/{deployment_id}/statuses`,
      path: `${path}/deployments/${deployment}/statuses`,
      query: one,
    });
  await read({
    call: `GET ${root}/pulls`,
    path: `${path}/pulls`,
    query: { ...one, state: 'all' },
  });
  return end(
    (call) =>
      call.includes('/app/')
        ? 'the token is a personal access token'
        : 'the repository has nothing of this kind to read',
    shown(found),
  );
}

async function readRun(read: Live['read'], path: string, run: string | undefined) {
  if (!run) return;
  await read({
    call: `GET ${root}/actions/runs/{run_id}/jobs`,
    path: `${path}/actions/runs/${run}/jobs`,
    query: { per_page: 1, filter: 'all' },
  });
  const artifacts = await read({
    call: `GET ${root}/actions/runs/{run_id}/artifacts`,
    path: `${path}/actions/runs/${run}/artifacts`,
    query: { per_page: 1 },
  });
  const artifact = idAt(artifacts?.data, 'artifacts', 0, 'id');
  if (!artifact) return;
  await read({
    call: `GET ${root}/actions/artifacts/{artifact_id}/{archive_format}`,
    path: `${path}/actions/artifacts/${artifact}/zip`,
    also: [302],
    none: (status) => (status === 410 ? 'the newest artifact has expired' : null),
  });
}

/**
 * Returns the function that says whether the token may make a change. For a classic token, GitHub
 * shows the scopes in a header, and the role of the owner in the answer. For other tokens, GitHub
 * shows no permissions.
 */
function writesOf({ data, headers }: { data: unknown; headers: Headers }): Shown {
  const scopes = headers.get('x-oauth-scopes');
  if (scopes === null || scopes.trim() === '') return () => null;
  const given = scopes.split(',').map((scope) => scope.trim());
  const isPublic = at(data, 'private') === false;
  const scoped = given.includes('repo') || (isPublic && given.includes('public_repo'));
  const push = at(data, 'permissions', 'push') === true;
  const said = `the scopes of the token are: ${given.join(', ')}; its owner may ${push ? '' : 'not '}push`;
  return () => ({ may: scoped && push, said });
}

/**
 * Returns the function that says whether the App may make a change. GitHub shows the permissions in
 * the installation of the App, such as "pull_requests": "write".
 */
function writesOfApp(permissions: unknown): Shown {
  return ({ permission }) => {
    const [title = '', level] = permission?.split(': ') ?? [];
    const name = title.toLowerCase().replaceAll(' ', '_');
    if (typeof permissions !== 'object' || level !== 'write') return null;
    const given = idAt(permissions, name) ?? 'none';
    return { may: given === level, said: `the installation of the App has ${name}: ${given}` };
  };
}
