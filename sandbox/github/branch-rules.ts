import { ok, page, problem, route } from './routes.ts';
import type { Request, Route } from './routes.ts';
import type { Schemas } from './state.ts';

type RequiredInput = { context: string; app?: number };
/** A rule of another type, as GitHub sends it. */
type OtherRule = Distributed<Schemas['repository-rule-detailed']>;
type Distributed<T> = T extends unknown ? Omit<T, `ruleset_${string}`> : never;
/**
 * The rules of each branch, from rulesets and from branch protection. `no-checks` means that the
 * branch is protected, for example by reviews, but requires no checks. Both fields are null for a
 * private repository on a free plan, because such a repository cannot have rules.
 */
export type RuleState = {
  rulesets: Record<string, (RequiredInput | OtherRule)[]> | null;
  protection: Record<string, RequiredInput[] | 'no-checks'> | null;
};
/**
 * Returns the rules of a new repository that is public or paid. Rulesets and branch protection are
 * available, but no rule is set.
 */
export const noRules = (): RuleState => ({ rulesets: {}, protection: {} });

/** Returns GitHub's error for a plan that does not include branch rules. */
const upgrade = () =>
  problem(403, 'Upgrade to GitHub Pro or make this repository public to enable this feature.');

const rules = (request: Request) => {
  const { rulesets } = request.state.rules;
  if (!rulesets) return upgrade();
  const here = rulesets[request.params.branch ?? ''] ?? [];
  const required = here.filter((one) => 'context' in one);
  const others = here.filter((one) => 'type' in one);
  const ruleset = {
    ruleset_source_type: 'Repository',
    ruleset_source: request.name,
    ruleset_id: 42,
  };
  const all = [
    { type: 'deletion', ...ruleset },
    ...(required.length === 0 ? [] : [ruleOf(request.name, required)]),
    ...others.map((rule) => ({ ...rule, ...ruleset })),
  ];
  const { items, headers } = page(request, all);
  return { ...ok(items), headers };
};

const ruleOf = (name: string, required: RequiredInput[]) => ({
  type: 'required_status_checks',
  ruleset_source_type: 'Repository',
  ruleset_source: name,
  ruleset_id: 42,
  parameters: {
    strict_required_status_checks_policy: false,
    required_status_checks: required.map(({ context, app }) =>
      app === undefined ? { context } : { context, integration_id: app },
    ),
  },
});

const protection = ({ state, params, call, site }: Request) => {
  const all = state.rules.protection;
  if (!all) return upgrade();
  const required = all[params.branch ?? ''];
  if (!required) return problem(404, 'Branch not protected');
  // GitHub's text for a branch that has another kind of protection. See PyGithub#973 and
  // PyGithub#1572.
  if (required === 'no-checks') return problem(404, 'Required status checks not enabled');
  return ok({
    url: `${site.url}${call.path}`,
    strict: false,
    contexts: required.map(({ context }) => context),
    contexts_url: `${site.url}${call.path}/contexts`,
    checks: required.map(({ context, app }) => ({ context, app_id: app ?? null })),
  });
};

/** Under the fault `lying-status`, the branch seems to have no rules. */
export const ruleRoutes: Route[] = [
  route('GET /repos/{owner}/{repo}/rules/branches/{branch}', (request) => ({
    read: () => rules(request),
    lie: () => ok([]),
  })),
  route(
    'GET /repos/{owner}/{repo}/branches/{branch}/protection/required_status_checks',
    (request) => ({
      read: () => protection(request),
      lie: () => problem(404, 'Branch not protected'),
    }),
  ),
];
