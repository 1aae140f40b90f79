import type { PlanOn, VercelTarget } from '../../../domain/plan.ts';
import { probe } from '../../probe.ts';
import type { Vercel } from './client.ts';
import { isMoving, see } from './look.ts';
import type { Seen } from './look.ts';
import { domainOf, nameOf, short, variableOf } from './place.ts';
import { isWall, wallText } from './preview.ts';

type Deps = { vercel: Vercel; headers: Record<string, string> };
type Planned = Pick<PlanOn<VercelTarget>, 'target' | 'restoreTo' | 'github'>;

/** Everything that would make this deploy unsafe or impossible, each with its remedy. */
export async function guards({ vercel, headers }: Deps, plan: Planned): Promise<string[]> {
  const seen = await see(vercel, plan.target);
  const { live } = seen.project;
  const wall = live ? await behindLogin({ vercel, headers }, plan.target, live.id) : null;
  return [
    ...ofProject(plan.target, seen),
    ...ofLink(plan, seen),
    ...ofDomain(plan.target, seen),
    ...ofPlan(plan, seen),
    ...(wall ? [wall] : []),
  ];
}

function ofProject(target: VercelTarget, { project }: Seen): string[] {
  const name = nameOf(target);
  const { lastMove, mayPromote } = project;
  return [
    ...(project.assignsDomains ? [autoAssignText(target)] : []),
    ...(project.rolling
      ? [
          `${name} has a rolling release: a promote would reach a part of the traffic only. ` +
            'Turn it off: Settings → Build and Deployment → Rolling Releases.',
        ]
      : []),
    ...(project.paused ? [`${name} is paused: it serves nobody. Resume it in the dashboard.`] : []),
    ...(isMoving(project)
      ? [
          `${name}: a ${lastMove?.type} to ${lastMove?.to} is under way. ` +
            'Wait for its end, then deploy again.',
        ]
      : []),
    ...(mayPromote === false
      ? [
          `${name}: the token in ${variableOf(target.token)} may look at the project, not promote. ` +
            'Make one of a member who may deploy to production, set it where the worker is started and start it again.',
        ]
      : []),
  ];
}

/** The two ways to do it. */
export function autoAssignText(target: VercelTarget): string {
  const { api, project, team } = target;
  const key = team?.startsWith('team_') ? 'teamId' : 'slug';
  const scope = team === null ? '' : `?${key}=${team}`;
  return (
    `${nameOf(target)} assigns its production domains by itself: every push to ${target.branch} would go live ` +
    'before anybody tried it. Turn it off: Settings → Environments → Production → Auto-assign Custom Production ' +
    `Domains; or: curl -X PATCH "${api.replace(/\/$/, '')}/v9/projects/${project}${scope}" -H "Authorization: Bearer ` +
    `$${variableOf(target.token)}" -H "Content-Type: application/json" -d '{"autoAssignCustomDomains":false}'`
  );
}

function ofLink({ target, github }: Planned, { project: { link } }: Seen): string[] {
  const name = nameOf(target);
  const connect = 'Connect it: Settings → Git.';
  if (!link) return [`${name} is linked to no repository: a push builds nothing. ${connect}`];
  const other = github !== null && link.repository !== null && !same(github, link.repository);
  return [
    ...(other ? [`${name} is linked to ${link.repository}, not to ${github}. ${connect}`] : []),
    ...(link.branch !== null && link.branch !== target.branch
      ? [
          `${name} builds production from ${link.branch}, and plimsoll.yaml says ${target.branch}. ` +
            'Make them the same: Settings → Environments → Production → Branch Tracking, or "branch".',
        ]
      : []),
  ];
}

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

function ofDomain(target: VercelTarget, { project, pointed }: Seen): string[] {
  const { live } = project;
  const domain = domainOf(target);
  if (!live || pointed === live.id) return [];
  return [
    pointed === null
      ? `${domain} is no domain of ${nameOf(target)}; it has ${live.aliases.join(', ') || 'none'}. ` +
        'Correct "url" in plimsoll.yaml.'
      : `${domain} points at ${pointed}, but production of ${nameOf(target)} is ${live.id}: a promote was left half ` +
        `done. Finish it: vercel promote ${live.id}, then deploy again.`,
  ];
}

/** After the promote, what is live now is the one that Hobby goes back to. */
function ofPlan({ target, restoreTo }: Planned, { project }: Seen): string[] {
  const { plan, live } = project;
  const id = restoreTo?.platformId;
  if (plan !== 'hobby' || id === undefined || id === live?.id) return [];
  return [
    `${nameOf(target)}: the Hobby plan rolls back one deployment only, and after this deploy that is ${live?.id ?? 'none'}, ` +
      `not ${short(restoreTo?.sha ?? '')} (${id}). Make that one live first: vercel promote ${id}; or choose --restore-to live.`,
  ];
}

async function behindLogin({ vercel, headers }: Deps, target: VercelTarget, id: string) {
  const deployment = await vercel.deployment({ project: target.project, id });
  if (!deployment) return null;
  const { origin } = deployment;
  const answer = await probe(new URL(target.health, origin).href, { headers });
  return isWall(answer) ? wallText(target, origin) : null;
}
