import { build } from './build.ts';
import { DeploymentSite } from './deployment-site.ts';
import type { Protection } from './deployment-site.ts';
import { sendEvent } from './events.ts';
import { followBuild, goLive } from './moves.ts';
import type { Site } from './site.ts';
import { newId } from './state.ts';
import type { Deployment, Project } from './state.ts';

export type Source = Pick<Deployment, 'sha' | 'ref' | 'production' | 'source' | 'meta'>;

const protectionOf = (site: Site): Protection =>
  site.protection === 'none' ? { kind: 'none' } : { kind: site.protection, bypass: site.bypass };

const variables = (project: Project, { production, sha, ref }: Source) => {
  const target = production ? 'production' : 'preview';
  const chosen = project.variables.filter((one) => one.target.includes(target));
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    VERCEL: '1',
    VERCEL_ENV: target,
    VERCEL_GIT_COMMIT_SHA: sha,
    VERCEL_GIT_COMMIT_REF: ref,
    ...Object.fromEntries(chosen.map(({ key, value }) => [key, value])),
  };
};

/**
 * Returns the creation time of a new deployment. This time is always later than the creation time
 * of every other deployment of the project.
 */
const newestTime = ({ deployments }: Project) =>
  Math.max(Date.now(), (deployments.at(-1)?.createdAt ?? 0) + 1);

export const draft = (site: Site, project: Project, source: Source): Deployment => ({
  ...source,
  id: newId('dpl'),
  env: variables(project, source),
  state: 'QUEUED',
  substate: null,
  createdAt: newestTime(project),
  buildingAt: null,
  readyAt: null,
  events: [],
  error: null,
  site: new DeploymentSite({
    protection: () => protectionOf(site),
    startMs: site.startMs,
    answered: (status) =>
      site.traffic.add(project, status, source.production ? 'production' : 'preview'),
  }),
});

/**
 * Call this function when a build has ended. It makes a ready build live only if `autoAssign` is on
 * and no newer production build exists.
 */
function settle(site: Site, project: Project, deployment: Deployment) {
  if (deployment.state === 'ERROR') return sendEvent(site, project, deployment, 'deployment.error');
  if (deployment.state !== 'READY') return undefined;
  if (deployment.production) followBuild(project, deployment);
  const newest = project.deployments.findLast(({ production }) => production) === deployment;
  if (deployment.production && project.autoAssign && newest) goLive(site, project, deployment);
  else if (deployment.production) deployment.substate = 'STAGED';
  sendEvent(site, project, deployment, 'deployment.succeeded');
  return sendEvent(site, project, deployment, 'deployment.ready');
}

const queues = new WeakMap<Project, Promise<void>>();

/** Queues the build of a deployment. The builds of one project run one after the other. */
export function enqueue(site: Site, project: Project, deployment: Deployment): Promise<void> {
  const job = (queues.get(project) ?? Promise.resolve()).then(async () => {
    await build(site, project, deployment).catch((cause: Error) => {
      if (!site.closing.aborted) process.stderr.write(`stand-in vercel: ${cause.stack}\n`);
    });
    settle(site, project, deployment);
  });
  queues.set(project, job);
  return job;
}

/** Registers a deployment that is not built yet. */
export async function register(site: Site, project: Project, source: Source) {
  const deployment = draft(site, project, source);
  await deployment.site.open();
  project.deployments.push(deployment);
  sendEvent(site, project, deployment, 'deployment.created');
  return deployment;
}

/**
 * Creates a deployment and returns it as QUEUED or BLOCKED. A QUEUED deployment is built in the
 * background.
 */
export async function create(site: Site, project: Project, source: Source): Promise<Deployment> {
  const deployment = await register(site, project, source);
  if (project.nextBuild === 'blocked') {
    project.nextBuild = null;
    deployment.state = 'BLOCKED';
    sendEvent(site, project, deployment, 'deployment.blocked');
  } else void enqueue(site, project, deployment);
  return deployment;
}
