import type { PlanOn } from '../../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import { missingRights, whoMayDeploy } from '../../../domain/platforms/vercel/rights.ts';
import type { Vercel } from './api/client.ts';
import { isMoving, isProduction, see } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { domainOf, nameOf, short, variableOf } from './place.ts';
import { asksForLogin, wallText } from './preview.ts';

type Deps = { vercel: Vercel; headers: Record<string, string> };
type Planned = Pick<PlanOn<VercelTarget>, 'target' | 'rollbackTarget' | 'github'>;

/**
 * Returns the problems that would make this deploy unsafe or impossible. Each text ends with its
 * remedy.
 */
export async function guards({ vercel, headers }: Deps, plan: Planned): Promise<string[]> {
  const snapshot = await see(vercel, plan.target);
  const { live } = snapshot.project;
  const wall = live ? await behindLogin({ vercel, headers }, plan.target, live.id) : null;
  return [
    ...ofProject(plan.target, snapshot),
    ...ofLink(plan, snapshot),
    ...(await ofDomain(vercel, plan.target, snapshot)),
    ...ofPlan(plan, snapshot),
    ...(wall ? [wall] : []),
  ];
}

function ofProject(target: VercelTarget, { project }: Snapshot): string[] {
  const name = nameOf(target);
  const { lastMove, rights } = project;
  const missing = missingRights(rights);
  return [
    ...(project.assignsDomains ? [autoAssignText(target)] : []),
    ...(project.rolling
      ? [
          `${name} has a rolling release: a promote would reach only a part of the traffic. ` +
            'Turn it off: Settings → Build and Deployment → Rolling Releases.',
        ]
      : []),
    ...(project.paused
      ? [`${name} is paused, so it serves nobody. Resume it in Vercel's dashboard.`]
      : []),
    ...(isMoving(project)
      ? [
          `${name}: a ${lastMove?.type} to ${lastMove?.to} is under way. ` +
            'Wait for its end, then deploy again.',
        ]
      : []),
    ...(missing.length > 0
      ? [
          `${name}: the token in ${variableOf(target.token)} may read the project, but it may not ${missing.join(', or ')}. ` +
            `Make a token of ${whoMayDeploy}. ` +
            'Set the variable to the new token where the worker is started, and start the worker again.',
        ]
      : []),
  ];
}

/**
 * Returns the problem text for a project whose pushes go live automatically. The text explains two
 * ways to turn this setting off.
 */
export function autoAssignText(target: VercelTarget): string {
  const { api, project, team } = target;
  const key = team?.startsWith('team_') ? 'teamId' : 'slug';
  const scope = team === null ? '' : `?${key}=${team}`;
  return (
    `${nameOf(target)} assigns its production domains automatically: every push to ${target.branch} would go live ` +
    'before anybody tested it. Turn this off under Settings → Environments → Production → Auto-assign Custom Production ' +
    `Domains, or with this command: curl -X PATCH "${api.replace(/\/$/, '')}/v9/projects/${project}${scope}" -H "Authorization: Bearer ` +
    `$${variableOf(target.token)}" -H "Content-Type: application/json" -d '{"autoAssignCustomDomains":false}'`
  );
}

function ofLink({ target, github }: Planned, { project: { link } }: Snapshot): string[] {
  const name = nameOf(target);
  const connect = 'Connect it: Settings → Git.';
  if (!link) return [`${name} is linked to no repository: a push builds nothing. ${connect}`];
  const other = github !== null && link.repository !== null && !same(github, link.repository);
  return [
    ...(other ? [`${name} is linked to ${link.repository}, not to ${github}. ${connect}`] : []),
    ...(link.branch !== null && link.branch !== target.branch
      ? [
          `${name} builds production from ${link.branch}, but plimsoll.yaml says ${target.branch}. ` +
            'Make both the same: Settings → Environments → Production → Branch Tracking, or "branch" in plimsoll.yaml.',
        ]
      : []),
  ];
}

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

async function ofDomain(vercel: Vercel, target: VercelTarget, snapshot: Snapshot) {
  const { project, domain, pointed } = snapshot;
  const { live } = project;
  const host = domainOf(target);
  if (!isProduction(domain)) return [await noProductionDomain(vercel, target, snapshot)];
  if (!live || pointed === live.id) return [];
  if (pointed === null)
    return [
      `${host} is a production domain of ${nameOf(target)}, but it points at no deployment of the project. ` +
        `Assign it: Settings → Domains in Vercel's dashboard. Then make ${live.id} live again: vercel promote ${live.id}`,
    ];
  return [
    `${host} points at ${pointed}, but production of ${nameOf(target)} is ${live.id}: a promote did ` +
      `not finish. Before you deploy again, finish the promote: vercel promote ${live.id}`,
  ];
}

/**
 * Returns the reason why the domain of `url` will not point to the new deployment after a
 * promotion. The text also lists the production domains that can be used as `url`.
 */
async function noProductionDomain(vercel: Vercel, target: VercelTarget, snapshot: Snapshot) {
  const { project } = snapshot;
  const where = { project: target.project, projectId: project.id };
  const domains = await vercel.productionDomains(where);
  const remedy =
    domains.length > 0
      ? `Set "url" in plimsoll.yaml to a production domain of the project: ${domains.join(', ')}.`
      : `The project has no production domain. Add one in Vercel's dashboard: Settings → Domains. ` +
        'Then set "url" in plimsoll.yaml to that domain.';
  return `${whyNot(target, snapshot)} ${remedy}`;
}

function whyNot(target: VercelTarget, { project, domain, alias }: Snapshot): string {
  const host = domainOf(target);
  const name = nameOf(target);
  if (project.live?.generated.includes(host))
    return (
      `${host} is an address that Vercel made for builds of ${name}. Vercel points it at every finished ` +
      'build, approved or not, and a promote does not move it.'
    );
  if (domain === null)
    return alias === null
      ? `${host} is no domain of ${name}.`
      : `${host} points at ${alias} of ${name}. But the settings of the project do not contain ${host}, so a ` +
          `promote does not move ${host}.`;
  if (domain.redirect !== null) return `${host} of ${name} only redirects to ${domain.redirect}.`;
  if (domain.branch !== null)
    return `${host} of ${name} serves the branch ${domain.branch}, not production.`;
  if (domain.custom) return `${host} of ${name} serves a custom environment, not production.`;
  return `${host} of ${name} is not verified at Vercel, so it serves nothing.`;
}

/**
 * Returns a problem if the project has Vercel's Hobby plan and could not roll back after this
 * deploy. With the Hobby plan, a rollback can only return to the deployment that was live directly
 * before.
 */
function ofPlan({ target, rollbackTarget }: Planned, { project }: Snapshot): string[] {
  const { plan, live } = project;
  const id = rollbackTarget?.platformId;
  if (plan !== 'hobby' || id === undefined || id === live?.id) return [];
  return [
    `${nameOf(target)}: the Hobby plan can roll back only to the previous deployment. After this deploy, that is ${live?.id ?? 'none'}, ` +
      `not ${short(rollbackTarget?.sha ?? '')} (${id}). ` +
      `Choose --rollback-target live. Or make ${id} live first: vercel promote ${id}`,
  ];
}

async function behindLogin({ vercel, headers }: Deps, target: VercelTarget, id: string) {
  const deployment = await vercel.deployment({ project: target.project, id });
  if (!deployment) return null;
  const { origin } = deployment;
  const login = await asksForLogin({ url: new URL(target.health, origin).href, headers });
  return login ? wallText(target, origin) : null;
}
