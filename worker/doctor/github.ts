import { octokitFor } from '../../activities/github/octokit.ts';
import { split } from '../../activities/github/ask.ts';
import { githubFailure } from '../../activities/github/failure.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { Config } from '../../domain/config/config.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { secret } from '../config/secrets.ts';
import { absent, check, unchecked } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';
import { isSet } from './secrets.ts';

type At = { repository: string; branch: string; artifact: boolean };

/** The reads that a deploy makes, each with the permission that it needs. */
const reads: [needs: string, route: string][] = [
  ['checks (read)', 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs'],
  ['commit statuses (read)', 'GET /repos/{owner}/{repo}/commits/{ref}/status'],
  ['issues (write)', 'GET /repos/{owner}/{repo}/issues'],
  ['deployments (write)', 'GET /repos/{owner}/{repo}/deployments'],
  ['metadata (read)', 'GET /repos/{owner}/{repo}/rules/branches/{branch}'],
  [
    'administration (read)',
    'GET /repos/{owner}/{repo}/branches/{branch}/protection/required_status_checks',
  ],
];
const readsOfArtifacts: typeof reads = [
  ['actions (read)', 'GET /repos/{owner}/{repo}/actions/runs'],
];

/** Checks each repository once, with every read that a deploy makes. Writes nothing. */
export function github(
  { github: site, projects }: Config,
  env: NodeJS.ProcessEnv,
): Promise<Finding>[] {
  if (!site) return [Promise.resolve(absent('GitHub', notConfigured))];
  const variable = site.token.slice('env:'.length);
  if (!isSet(site.token, env)) return [Promise.resolve(unchecked('GitHub', variable))];
  const octokit = octokitFor(site.api, secret(site.token, env));
  const places = new Map<string, At>();
  for (const { github: repository, branch, tests } of Object.values(projects)) {
    if (!repository) continue;
    const key = `${repository} ${branch}`;
    const artifact = tests.artifact !== undefined || (places.get(key)?.artifact ?? false);
    places.set(key, { repository, branch, artifact });
  }
  if (places.size === 0) return [Promise.resolve(absent('GitHub', noRepository))];
  return [...places.values()].map((at) =>
    check(`GitHub ${at.repository}`, () => readAll(octokit, at, variable)),
  );
}

type Octokit = ReturnType<typeof octokitFor>;

async function readAll(octokit: Octokit, at: At, variable: string): Promise<string> {
  const { repository, branch, artifact } = at;
  const place = { ...split(repository), ref: branch, branch, per_page: 1 };
  const asked = { what: `the repository ${repository}`, repository, effect: false };
  await octokit.request('GET /repos/{owner}/{repo}', place).catch((cause: unknown) => {
    throw githubFailure(cause, { ...asked, needs: everything }, variable);
  });
  const lacking: string[] = [];
  for (const [needs, route] of artifact ? [...reads, ...readsOfArtifacts] : reads)
    await octokit.request(route, place).catch((cause: unknown) => {
      if (isNoRule(cause)) return;
      const failure = githubFailure(
        cause,
        { ...asked, what: `${needs} of ${repository}` },
        variable,
      );
      if (!isDenied(cause, failure)) throw failure;
      lacking.push(needs);
    });
  if (lacking.length > 0) throw lacks(variable, repository, lacking);
  return `${variable} can read the repository; only the first deploy shows whether it may write`;
}

/**
 * True if GitHub refused the read because the GitHub plan has no rules, or because the branch is
 * not protected. Both answers are valid.
 */
const isNoRule = (cause: unknown) =>
  /^(upgrade to github|branch not protected)/i.test((cause as Error).message);

/** True if GitHub denied the permission: a 403 that is not a rate limit. */
const isDenied = (cause: unknown, failure: Error) =>
  (cause as { status?: number }).status === 403 &&
  (failure as { type?: string }).type === failures.misconfigured;

const everything = ['contents (read)', ...reads.map(([needs]) => needs)].join(', ');

const lacks = (variable: string, repository: string, needs: string[]) =>
  new UserError(
    `The token in ${variable} lacks permissions at GitHub (403).\n` +
      `Give it access to ${repository}: ${needs.join(', ')}.`,
  );

const notConfigured =
  'not configured: Plimsoll reads no checks, closes no issues and shows no deployments. To change this, add github: to plimsoll.yaml.';
const noRepository = 'no project names a repository at GitHub';
