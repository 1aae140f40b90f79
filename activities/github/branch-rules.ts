import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { parsed, split } from './ask.ts';
import type { Ask } from './ask.ts';
import { named as permissionsNamed, unreadRules } from '../../domain/messages/github-refusal.ts';
import { withoutIt } from './without-it.ts';

/** `appId` null means that any app may report the check. */
type RequiredCheck = { name: string; appId: number | null };
export type BranchRules = {
  required: RequiredCheck[];
  /** The sources from which the rules were read: "rulesets", "branch protection". */
  read: string[];
  /** GitHub's reason for each part of the rules that could not be read. */
  unavailable: string[];
  /** Paths of the workflows that rulesets require, such as ".github/workflows/ci.yml". */
  workflows: string[];
  /** Rules about merges that no check of this commit can prove. Each rule is a text for people. */
  others: string[];
};

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
const Checks = z.object({
  required_status_checks: z.array(
    z.object({ context: z.string(), integration_id: z.number().nullish() }),
  ),
});
const Workflows = z.object({ workflows: z.array(z.object({ path: z.string() })) });
const Scanning = z.object({ code_scanning_tools: z.array(z.object({ tool: z.string() })) });
const Places = z.object({ required_deployment_environments: z.array(z.string()) });
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

const needs = permissionsNamed('metadata', 'administration');

type Part = Parameters<typeof unreadRules>[0];

const nothing: BranchRules = {
  required: [],
  read: [],
  unavailable: [],
  workflows: [],
  others: [],
};

/**
 * Matches GitHub's answers for a branch without required checks. They are valid answers, although
 * their status is 404. The second answer means that the branch has other protection, for example
 * reviews.
 */
const noChecks = /^(?:branch not protected|required status checks not enabled)/i;

/**
 * Matches GitHub's answers if this token cannot read the rules. "Not Found" means that the owner of
 * the token is not an administrator, or that the server has no such rules. The other answers mean that
 * the token has no permission, or that the plan has no rules. A text that does not match is an
 * error.
 */
const cannotBeRead =
  /^(?:not found$|not found - |resource not accessible by|must have admin rights|upgrade to github|branch protection has been disabled)/i;

const requiresNothing = (cause: unknown) =>
  (cause as { status?: number }).status === 404 && noChecks.test((cause as Error).message);

export function createBranchRules(octokit: Octokit, ask: Ask): BranchRuleCalls {
  const rulesets = async (repository: string, branch: string, what: string) => {
    const path = 'GET /repos/{owner}/{repo}/rules/branches/{branch}';
    const list = await octokit.paginate(path, { ...split(repository), branch, per_page: 100 });
    return parsed(z.array(Rule), list, what)
      .map((rule) => readRule(rule, what))
      .reduce(joined, { ...nothing, read: ['rulesets'] });
  };
  const protection = async (repository: string, branch: string, what: string) => {
    const { getStatusChecksProtection } = octokit.rest.repos;
    const read = { ...nothing, read: ['branch protection'] };
    const answer = await getStatusChecksProtection({ ...split(repository), branch }).catch(
      (cause: unknown) => {
        if (requiresNothing(cause)) return null;
        throw cause;
      },
    );
    if (answer === null) return read;
    const { contexts, checks } = parsed(Protection, answer.data, what);
    const plain = contexts.filter((context) => !checks.some((check) => check.context === context));
    const required = [
      ...checks.map(({ context, app_id }) => named(context, app_id)),
      ...plain.map((context) => named(context, null)),
    ];
    return { ...read, required };
  };
  return {
    async branchRules(repository, branch) {
      const what = `the rules of ${branch} of ${repository}`;
      const asked = { what, repository, effect: false, needs };
      const read = (from: typeof rulesets, part: Part) =>
        ask(asked, async (): Promise<BranchRules> => {
          try {
            return await from(repository, branch, what);
          } catch (cause) {
            return { ...nothing, unavailable: [unreadRules(part, withoutIt(cause, cannotBeRead))] };
          }
        });
      const sources = [
        await read(rulesets, 'rulesets'),
        await read(protection, 'branch protection'),
      ];
      return sources.reduce(joined, nothing);
    },
  };
}

/** Returns the requirements of one rule of a ruleset. */
function readRule({ type, parameters }: z.infer<typeof Rule>, what: string): BranchRules {
  if (type === 'required_status_checks') {
    const { required_status_checks: checks } = parsed(Checks, parameters, what);
    const required = checks.map(({ context, integration_id }) => named(context, integration_id));
    return { ...nothing, required };
  }
  if (type === 'workflows') {
    const { workflows } = parsed(Workflows, parameters, what);
    return { ...nothing, workflows: workflows.map(({ path }) => path.replace(/@.*$/, '')) };
  }
  if (type === 'code_scanning') {
    const { code_scanning_tools: tools } = parsed(Scanning, parameters, what);
    return { ...nothing, others: tools.map(({ tool }) => `code scanning by ${tool}`) };
  }
  if (type === 'required_deployments') {
    const { required_deployment_environments: places } = parsed(Places, parameters, what);
    return { ...nothing, others: places.map((place) => `a deployment to ${place}`) };
  }
  return type === 'merge_queue' ? { ...nothing, others: ['a merge queue'] } : nothing;
}

const joined = (one: BranchRules, other: BranchRules): BranchRules => ({
  required: [...one.required, ...other.required],
  read: [...one.read, ...other.read],
  unavailable: [...one.unavailable, ...other.unavailable],
  workflows: [...new Set([...one.workflows, ...other.workflows])],
  others: [...new Set([...one.others, ...other.others])],
});
