import type { PlanOn } from '../../../domain/deploy/plan.ts';
import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import { probe } from '../../lib/probe.ts';
import type { Vercel } from './api/client.ts';
import { isMoving, see } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { domainOf, nameOf, short, variableOf } from './place.ts';
import { isWall, wallText } from './preview.ts';

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
    ...ofDomain(plan.target, snapshot),
    ...ofPlan(plan, snapshot),
    ...(wall ? [wall] : []),
  ];
}

function ofProject(target: VercelTarget, { project }: Snapshot): string[] {
  const name = nameOf(target);
  const { lastMove, mayPromote } = project;
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
    ...(mayPromote === false
      ? [
          `${name}: the token in ${variableOf(target.token)} may read the project, but not promote. ` +
            'Make a token of a member who may deploy to production. ' +
            'Set the variable to the new token where the worker is started, and start the worker again.',
        ]
      : []),
  ];
}

/**
 * Returns the problem text for a project whose pushes go live automatically. The text names two
 * ways to turn this off.
 */
export function autoAssignText(target: VercelTarget): string {
  const { api, project, team } = target;
  const key = team?.startsWith('team_') ? 'teamId' : 'slug';
  const scope = team === null ? '' : `?${key}=${team}`;
  return (
    `${nameOf(target)} assigns its production domains by itself: every push to ${target.branch} would go live ` +
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

function ofDomain(target: VercelTarget, { project, pointed }: Snapshot): string[] {
  const { live } = project;
  const domain = domainOf(target);
  if (!live || pointed === live.id) return [];
  return [
    pointed === null
      ? `${domain} is no domain of ${nameOf(target)}. The project has these domains: ${live.aliases.join(', ') || 'none'}. ` +
        'Correct "url" in plimsoll.yaml.'
      : `${domain} points at ${pointed}, but production of ${nameOf(target)} is ${live.id}: a promote did ` +
        `not finish. Before you deploy again, finish the promote: vercel promote ${live.id}`,
  ];
}

/**
 * Returns a problem if the project has Vercel's Hobby plan and could not roll back after this
 * deploy. The Hobby plan can roll back only to the deployment that is live before the promote.
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
  const answer = await probe(new URL(target.health, origin).href, { headers });
  return isWall(answer) ? wallText(target, origin) : null;
}
