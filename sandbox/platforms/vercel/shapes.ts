import { allowed } from './allowed.ts';
import { isCandidate, liveOf } from './state.ts';
import type { Deployment, Project, Variable } from './state.ts';
import type { Request } from './routes.ts';
import type { Site } from './site.ts';

/**
 * Returns the metadata about the commit of a deployment. If the API made the deployment, `meta` can
 * name any commit.
 */
export const commitMeta = (project: Project, { sha, ref, meta }: Deployment) => ({
  githubCommitSha: sha,
  githubCommitRef: ref,
  githubOrg: project.repository.split('/')[0] ?? '',
  githubRepo: project.repository.split('/')[1] ?? '',
  githubDeployment: '1',
  ...meta,
});

const creator = ({ user }: Site) => ({ uid: user.uid, username: user.username });

const times = ({ buildingAt, readyAt }: Deployment) => ({
  ...(buildingAt === null ? {} : { buildingAt }),
  ...(readyAt === null ? {} : { ready: readyAt }),
});
const failure = ({ error }: Deployment) =>
  error === null ? {} : { errorCode: error.code, errorMessage: error.message };
const sub = ({ substate }: Deployment) => (substate === null ? {} : { readySubstate: substate });
const assignedAt = ({ aliases, generated }: Project, { id }: Deployment) =>
  aliases.find(({ domain, deploymentId }) => deploymentId === id && domain !== generated)
    ?.createdAt ?? null;

const inspector = (site: Site, project: Project, { id }: Deployment) =>
  `${site.url}/${site.team.slug}/${project.name}/${id.slice(4)}`;

export const listed = (site: Site, project: Project, deployment: Deployment) => ({
  uid: deployment.id,
  name: project.name,
  projectId: project.id,
  url: deployment.site.host,
  created: deployment.createdAt,
  createdAt: deployment.createdAt,
  creator: creator(site),
  inspectorUrl: inspector(site, project, deployment),
  type: 'LAMBDAS',
  source: deployment.source,
  target: deployment.production ? 'production' : null,
  state: deployment.state,
  readyState: deployment.state,
  meta: commitMeta(project, deployment),
  aliasAssigned: assignedAt(project, deployment),
  aliasError: null,
  isRollbackCandidate: isCandidate(project, deployment),
  ...sub(deployment),
  ...times(deployment),
  ...failure(deployment),
});

const fixed = {
  version: 2,
  type: 'LAMBDAS',
  public: false,
  regions: ['iad1'],
  routes: null,
  env: [],
  build: { env: [] },
  buildSkipped: false,
  isInConcurrentBuildsQueue: false,
  isInSystemBuildsQueue: false,
  createdIn: 'iad1',
  projectSettings: {},
};

export const single = (site: Site, project: Project, deployment: Deployment) => ({
  ...fixed,
  id: deployment.id,
  name: project.name,
  projectId: project.id,
  ownerId: site.team.id,
  plan: project.plan,
  url: deployment.site.host,
  createdAt: deployment.createdAt,
  bootedAt: deployment.createdAt,
  creator: creator(site),
  inspectorUrl: inspector(site, project, deployment),
  source: deployment.source,
  target: deployment.production ? 'production' : null,
  status: deployment.state,
  readyState: deployment.state,
  meta: commitMeta(project, deployment),
  gitSource: {
    type: 'github',
    repoId: project.repoId,
    ref: deployment.ref,
    sha: deployment.sha,
  },
  alias: project.aliases
    .filter(({ deploymentId }) => deploymentId === deployment.id)
    .map(({ domain }) => domain),
  ...(deployment.production ? { automaticAliases: [project.generated] } : {}),
  aliasAssigned: assignedAt(project, deployment) !== null,
  aliasError: null,
  ...sub(deployment),
  ...times(deployment),
  buildingAt: deployment.buildingAt ?? deployment.createdAt,
  ...failure(deployment),
});

const target = (site: Site, project: Project, deployment: Deployment) => ({
  id: deployment.id,
  name: project.name,
  alias: project.aliases
    .filter(({ deploymentId }) => deploymentId === deployment.id)
    .map(({ domain }) => domain),
  automaticAliases: [project.generated],
  aliasAssigned: assignedAt(project, deployment),
  createdAt: deployment.createdAt,
  createdIn: 'iad1',
  creator: { ...creator(site), email: site.user.email },
  deploymentHostname: deployment.site.host,
  plan: project.plan,
  private: true,
  readyState: deployment.state,
  ...sub(deployment),
  target: 'production',
  type: 'LAMBDAS',
  url: deployment.site.host,
  meta: commitMeta(project, deployment),
});

const limits = { functionDefaultRegions: ['iad1'] };
const [firstDay, branchDay] = [1_767_225_600_000, 1_767_225_600_001];

const link = ({ repository, repoId, productionBranch }: Project) => ({
  type: 'github',
  org: repository.split('/')[0] ?? '',
  repo: repository.split('/')[1] ?? '',
  repoId,
  productionBranch,
  gitCredentialId: '',
  deployHooks: [],
  createdAt: branchDay,
});

/**
 * Returns a project as the API shows it. `live` is the deployment to show as live. Under the fault
 * `lying-status`, `live` is the deployment that was live before the current deployment.
 */
export const projectShape = (
  { site, access }: Pick<Request, 'site' | 'access'>,
  project: Project,
  { withMoves, live = liveOf(project) }: { withMoves: boolean; live?: Deployment | undefined },
) => ({
  id: project.id,
  name: project.name,
  accountId: site.team.id,
  createdAt: firstDay,
  directoryListing: false,
  nodeVersion: '24.x',
  defaultResourceConfig: limits,
  resourceConfig: limits,
  deploymentExpiration: {},
  autoAssignCustomDomains: project.autoAssign,
  alias: project.domains.map((domain) => ({
    domain,
    deployment: live ? target(site, project, live) : null,
    environment: 'production',
    target: 'PRODUCTION',
  })),
  link: link(project),
  ...allowed(access, project),
  targets: live ? { production: target(site, project, live) } : {},
  ...(withMoves ? { lastAliasRequest: site.hidesMoves ? null : project.lastAliasRequest } : {}),
  ...(withMoves && project.rollbackNote
    ? {
        rollbackDescription: {
          ...project.rollbackNote,
          userId: site.user.uid,
          username: site.user.username,
        },
      }
    : {}),
});

/** Returns a variable as the API shows it. As at Vercel, the shown value looks encrypted. */
export const variableShape = ({ id, key, target: targets }: Variable) => ({
  id,
  key,
  value: Buffer.from(`sealed:${id}`).toString('base64'),
  type: 'encrypted',
  target: targets,
  securityIssues: [],
});

export const page = (items: readonly { createdAt: number }[], more: boolean) => ({
  count: items.length,
  next: more ? (items.at(-1)?.createdAt ?? null) : null,
  prev: items[0]?.createdAt ?? null,
});
