import { accessOf, secretRefOf, variableOf } from '../../activities/github/access.ts';
import { octokitFor } from '../../activities/github/octokit.ts';
import { split } from '../../activities/github/ask.ts';
import { githubFailure } from '../../activities/github/failure.ts';
import { createGitHub } from '../../activities/github/github.ts';
import { headerOf, isLimit, wordsOf } from '../../activities/github/words.ts';
import type { Problem } from '../../activities/github/words.ts';
import type { Config, Project } from '../../domain/config/config.ts';
import { named } from '../../domain/messages/github-refusal.ts';
import { githubPermissions } from '../../domain/services/github-permissions.ts';
import type { GithubPermission as Permission } from '../../domain/services/github-permissions.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { secret } from '../config/secrets.ts';
import { absent, check, unchecked } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';
import { isSet } from './secrets.ts';

/** One branch of one repository, and the projects that are deployed from this branch. */
type At = {
  repository: string;
  branch: string;
  projects: Project[];
};
type Site = NonNullable<Config['github']>;
type Octokit = ReturnType<typeof octokitFor>;
type Asking = { octokit: Octokit; site: Site; env: NodeJS.ProcessEnv; variable: string };

/** The read requests of every deploy, each with the permission that it needs. */
const reads: [Permission, string][] = [
  ['checks', 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs'],
  ['statuses', 'GET /repos/{owner}/{repo}/commits/{ref}/status'],
  ['issues', 'GET /repos/{owner}/{repo}/issues'],
  ['pulls', 'GET /repos/{owner}/{repo}/pulls'],
  ['deployments', 'GET /repos/{owner}/{repo}/deployments'],
];
/** The read requests of the audit gate. */
const scans = [
  ['code-scanning', 'codeScanning'],
  ['dependabot', 'dependabot'],
  ['secret-scanning', 'secretScanning'],
] as const;
const readOfRuns: [Permission, string] = ['actions', 'GET /repos/{owner}/{repo}/actions/runs'];

/** Checks each repository with every read request of a deploy. Writes nothing. */
export function github(
  { github: site, projects }: Config,
  env: NodeJS.ProcessEnv,
): Promise<Finding>[] {
  if (!site) return [Promise.resolve(absent('GitHub', notConfigured))];
  const variable = variableOf(site);
  if (!isSet(secretRefOf(site), env)) return [Promise.resolve(unchecked('GitHub', variable))];
  const places = new Map<string, At>();
  for (const project of Object.values(projects)) {
    const { github: repository, branch } = project;
    if (!repository) continue;
    const key = `${repository} ${branch}`;
    const known = places.get(key)?.projects ?? [];
    places.set(key, { repository, branch, projects: [...known, project] });
  }
  if (places.size === 0) return [Promise.resolve(absent('GitHub', noRepository))];
  return [...places.values()].map((at) =>
    check(`GitHub ${at.repository}`, async () => {
      const octokit = octokitFor(
        site.api,
        accessOf(site, (ref) => secret(ref, env)),
      );
      return await readAll({ octokit, site, env, variable }, at);
    }),
  );
}

async function readAll(asking: Asking, at: At): Promise<string> {
  const { octokit, variable } = asking;
  const { repository, branch } = at;
  const place = { ...split(repository), ref: branch, branch, per_page: 1 };
  const asked = { what: `the repository ${repository}`, repository, effect: false };
  const found = await octokit.request('GET /repos/{owner}/{repo}', place).catch((cause) => {
    const needs = everything(at) + (asking.site.app ? '' : '; as a classic token, the scope repo');
    throw githubFailure(cause, { ...asked, needs }, variable);
  });
  const { full_name: name, permissions: role, private: isPrivate } = found.data;
  if (name.toLowerCase() !== repository.toLowerCase()) throw renamed(repository, name);
  const lacking: Permission[] = [];
  for (const [needs, route] of readsOf(at))
    await octokit.request(route, place).catch((cause: unknown) => {
      const what = `${named(needs)} of ${repository}`;
      if ((cause as { status?: number }).status !== 403 || isLimit(cause as object))
        throw githubFailure(cause, { ...asked, what, needs: named(needs) }, variable);
      lacking.push(needs);
    });
  const unread: string[] = [];
  for (const [kind, needs] of scansOf(at))
    await octokit
      .request(`GET /repos/{owner}/{repo}/${kind}/alerts`, place)
      .catch((cause: unknown) => {
        if (isDenied(cause as object)) lacking.push(needs);
        else unread.push(`${kind} (${whyUnread(cause as Problem)})`);
      });
  const scopes = headerOf({ response: found }, 'x-oauth-scopes');
  const hasScopes = found.headers['x-oauth-scopes'] !== undefined;
  const may = asking.site.app
    ? await appMayWrite(asking, at, lacking)
    : mayWrite(
        { scopes: hasScopes ? scopes : null, isPrivate, push: role?.push ?? true },
        asking,
        at,
      );
  if (hasScopes && role?.admin === false && lacking.includes('secretScanning'))
    throw noAdministrator(variable, repository);
  if (lacking.length > 0) throw lacks(asking, repository, [...new Set(lacking)]);
  return [
    `${variable} can read ${repository}; ${may}`,
    ...(await rulesLine(asking, at)),
    ...(unread.length > 0 ? [scannersUnread(unread)] : []),
  ].join('. ');
}

/**
 * Returns the reason that GitHub gives if an answer contains no alerts. If GitHub gives no reason,
 * returns the status of the answer.
 */
const whyUnread = (problem: Problem) =>
  wordsOf(problem) || (problem.status ? `HTTP ${problem.status}` : 'no answer');

const scannersUnread = (unread: readonly string[]) =>
  `GitHub did not show the alerts of ${unread.join('; ')}, so the audit gate would stay closed. ` +
  'Switch the scanner on in the settings of the repository, or remove the scanner from audit.github in ' +
  'plimsoll.yaml';

/**
 * Returns true if GitHub refuses the request because a permission is missing, or because the owner
 * of the token is not an administrator.
 */
const isDenied = (problem: Problem) =>
  !isLimit(problem) && /not accessible by|^not found$/i.test(wordsOf(problem));

const scansOf = ({ projects }: At) => {
  const asked = new Set(projects.flatMap(({ audit }) => audit?.github ?? []));
  return scans.filter(([kind]) => asked.has(kind));
};

/** Returns the read requests of the projects on this branch. */
const readsOf = (at: At) => (needsRuns(at) ? [...reads, readOfRuns] : reads);

const needsRuns = ({ projects }: At) =>
  projects.some(({ tests }) => tests.artifact !== undefined || tests.deployJobs !== undefined);

type Rights = { scopes: string | null; isPrivate: boolean; push: boolean };

/**
 * Returns words that say whether a personal access token may write. Throws a UserError if it may
 * not. GitHub shows the scopes of a classic token and the role of its owner, but not the
 * permissions of a fine-grained token.
 */
function mayWrite({ scopes, isPrivate, push }: Rights, { variable }: Asking, at: At): string {
  if (!push) throw mayNotWrite(variable, at.repository);
  if (scopes === null)
    return `only the first deploy shows whether it may write: ${named(...writesOf(at))}`;
  const given = scopes.split(',').map((scope) => scope.trim());
  const enough = given.includes('repo') || (!isPrivate && given.includes('public_repo'));
  if (enough) return 'its scopes and the role of its owner let it write';
  throw new UserError(
    `The token in ${variable} may not write to ${at.repository}: its scopes are ` +
      `${scopes === '' ? 'none' : scopes}.\n` +
      `Give it the scope ${isPrivate ? 'repo' : 'repo or public_repo'}.`,
  );
}

/**
 * Reads the permissions of the installation, and adds each missing permission to `lacking`. The
 * permission to read branch protection is optional.
 */
async function appMayWrite(
  { octokit, site, variable }: Asking,
  at: At,
  lacking: Permission[],
): Promise<string> {
  const installation_id = site.app?.installation ?? 0;
  const asked = {
    what: `installation ${installation_id} of the GitHub App`,
    ...{ repository: at.repository, effect: false },
  };
  const { data } = await octokit
    .request('GET /app/installations/{installation_id}', { installation_id })
    .catch((cause: unknown) => {
      throw githubFailure(cause, asked, variable);
    });
  const given = data.permissions as Record<string, string | undefined>;
  for (const needed of neededOf(at)) {
    const { api, level } = githubPermissions[needed];
    if (given[api] !== 'write' && given[api] !== level) lacking.push(needed);
  }
  return 'the permissions of the App let it write';
}

function neededOf(at: At): Permission[] {
  const { projects } = at;
  return [
    'metadata',
    ...reads.map(([needs]) => needs),
    ...(projects.some(({ revert }) => revert !== 'off') ? (['contents'] as const) : []),
    ...(needsRuns(at) ? (['actions'] as const) : []),
    ...scansOf(at).map(([, needs]) => needs),
  ];
}

/**
 * GitHub may not show some rules. In this case, returns one sentence about these rules. Throws a
 * UserError if no check is required, because the tests gate would stay closed.
 */
async function rulesLine({ site, env, variable }: Asking, at: At): Promise<string[]> {
  const access = accessOf(site, (ref) => secret(ref, env));
  const hub = createGitHub({ ...access, api: site.api, variable });
  const { required, unavailable, workflows } = await hub.branchRules(at.repository, at.branch);
  const bare = at.projects.some(({ tests }) => tests.required.length === 0);
  const unseen = unavailable.join('; ');
  if (bare && required.length === 0 && workflows.length === 0) throw nothingRequired(at, unseen);
  if (unseen === '') return [];
  return [
    `GitHub does not show all rules of ${at.branch} (${unseen}), so the required checks are those ` +
      'in tests.required and in the rules that GitHub shows',
  ];
}

const writesOf = (at: At) => neededOf(at).filter((one) => githubPermissions[one].level === 'write');

const everything = (at: At) => named(...neededOf(at));

const lacks = ({ site, variable }: Asking, repository: string, lacking: Permission[]) => {
  const who = site.app ? `The GitHub App of ${variable}` : `The token in ${variable}`;
  const names = named(...lacking);
  const remedy = site.app
    ? `Give the App these permissions, and accept them in its installation for ${repository}: ${names}.`
    : `Give it access to ${repository}: ${names}.`;
  const checks =
    !site.app && lacking.includes('checks')
      ? '\nA fine-grained token cannot read the checks of a private repository. For that, use a ' +
        'GitHub App, or a classic token with the scope repo.'
      : '';
  return new UserError(`${who} lacks permissions at GitHub.\n${remedy}${checks}`);
};

const mayNotWrite = (variable: string, repository: string) =>
  new UserError(
    `The owner of the token in ${variable} may not write to ${repository}.\n` +
      'Give the owner the role "write" in the repository, or "admin" to read branch protection, too.',
  );

/**
 * Makes the error for a token that may not read secret scanning alerts. GitHub shows these alerts
 * only to administrators, and answers "Not Found" to all others.
 */
const noAdministrator = (variable: string, repository: string) =>
  new UserError(
    `The owner of the token in ${variable} is no administrator of ${repository}, so the token cannot ` +
      'read the secret scanning alerts.\n' +
      'Give the owner the role "admin" in the repository, or take secret-scanning out of audit.github ' +
      'in plimsoll.yaml.',
  );

const renamed = (repository: string, name: string) =>
  new UserError(
    `${repository} is named ${name} now.\n` +
      `Set "github: ${name}" and the new address under "repository" in plimsoll.yaml.`,
  );

const nothingRequired = ({ repository, branch }: At, unseen: string) =>
  new UserError(
    `No check is required on ${branch} of ${repository}, so the tests gate stays closed.` +
      `${unseen === '' ? '' : ` GitHub does not show all rules: ${unseen}.`}\n` +
      'Add the name of a check under "tests" in plimsoll.yaml: required: ["name of a check"].',
  );

const notConfigured =
  'not configured: Plimsoll reads no checks, closes no issues and shows no deployments. To change this, add github: to plimsoll.yaml.';
const noRepository = 'no project names a repository at GitHub';
