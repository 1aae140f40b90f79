import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { parsed, split } from './ask.ts';
import type { Ask } from './ask.ts';
import { withoutIt } from './without-it.ts';

/** `appId` null means that any app may report the check. */
type RequiredCheck = { name: string; appId: number | null };
/**
 * `unavailable` holds GitHub's reasons why the rulesets or the branch protection could not be read.
 */
export type BranchRules = { required: RequiredCheck[]; unavailable: string[] };

/**
 * Reads the required checks of a branch. `repository` is owner/name. The method throws the failures
 * that the type `GitHub` describes.
 */
export type BranchRuleCalls = {
  branchRules(repository: string, branch: string): Promise<BranchRules>;
};

const Rule = z.object({
  type: z.string(),
  parameters: z.unknown().optional(),
});
const Ruleset = z.object({
  required_status_checks: z.array(
    z.object({ context: z.string(), integration_id: z.number().nullish() }),
  ),
});
const Protection = z.object({
  contexts: z.array(z.string()),
  checks: z.array(z.object({ context: z.string(), app_id: z.number().nullable() })),
});

/**
 * Returns a required check. At GitHub, the app ids 0 and -1 mean that any app may report the check.
 */
const named = (name: string, app: number | null | undefined): RequiredCheck => ({
  name,
  appId: app && app > 0 ? app : null,
});

/**
 * Reading rulesets needs the permission for metadata. Reading protection needs the permission for
 * administration.
 */
const needs = 'metadata and administration (read)';
/**
 * Matches GitHub's message that the GitHub plan does not include rules. If the token has no
 * permission, GitHub sends another message, and that is an error.
 */
const itsPlan = /^upgrade to github/i;

const noRules: BranchRules = { required: [], unavailable: [] };
/**
 * True if GitHub answers that the branch is not protected. This is a valid answer, although its
 * status is 404. Any other 404 or 403 means that the token has no access, or that the plan does not
 * include rules.
 */
const isUnprotected = (cause: unknown) =>
  (cause as { status?: number }).status === 404 &&
  /^branch not protected/i.test((cause as Error).message);

export function createBranchRules(octokit: Octokit, ask: Ask): BranchRuleCalls {
  const rulesets = async (repository: string, branch: string, what: string) => {
    const path = 'GET /repos/{owner}/{repo}/rules/branches/{branch}';
    const list = await octokit.paginate(path, { ...split(repository), branch, per_page: 100 });
    return parsed(z.array(Rule), list, what)
      .filter(({ type }) => type === 'required_status_checks')
      .flatMap(({ parameters }) => parsed(Ruleset, parameters, what).required_status_checks)
      .map(({ context, integration_id }) => named(context, integration_id));
  };
  const protection = async (repository: string, branch: string, what: string) => {
    const { getStatusChecksProtection } = octokit.rest.repos;
    const { data } = await getStatusChecksProtection({ ...split(repository), branch });
    const { contexts, checks } = parsed(Protection, data, what);
    const plain = contexts.filter((context) => !checks.some((check) => check.context === context));
    return [
      ...checks.map(({ context, app_id }) => named(context, app_id)),
      ...plain.map((context) => named(context, null)),
    ];
  };
  return {
    async branchRules(repository, branch) {
      const what = `the rules of ${branch} of ${repository}`;
      const asked = { what, repository, effect: false, needs };
      const read = (from: typeof rulesets) =>
        ask(asked, async () => {
          try {
            return { required: await from(repository, branch, what), unavailable: [] };
          } catch (cause) {
            if (isUnprotected(cause)) return noRules;
            return { required: [], unavailable: [withoutIt(cause, itsPlan)] };
          }
        });
      const all: BranchRules[] = await Promise.all([read(rulesets), read(protection)]);
      return {
        required: all.flatMap(({ required }) => required),
        unavailable: all.flatMap(({ unavailable }) => unavailable),
      };
    },
  };
}
