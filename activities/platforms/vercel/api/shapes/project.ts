import { z } from 'zod';
import { known, plans } from './known.ts';

const jobStates = ['pending', 'in-progress', 'succeeded', 'failed', 'skipped'] as const;
const jobTypes = ['promote', 'rollback'] as const;

const AliasRequest = z
  .object({
    fromDeploymentId: z.string().nullish(),
    toDeploymentId: z.string().min(1),
    jobStatus: known(jobStates),
    requestedAt: z.number(),
    type: known(jobTypes),
  })
  .transform(({ fromDeploymentId, toDeploymentId, jobStatus, requestedAt, type }) => ({
    type,
    from: fromDeploymentId ?? null,
    to: toDeploymentId,
    status: jobStatus,
    requestedAt,
  }));

const Link = z
  .object({
    type: z.string(),
    org: z.string().nullish(),
    repo: z.string().nullish(),
    repoId: z.union([z.number(), z.string()]).nullish(),
    productionBranch: z.string().nullish(),
  })
  .transform(({ type, org, repo, repoId, productionBranch }) => ({
    type,
    repository: org && repo ? `${org}/${repo}` : null,
    repoId: repoId ?? null,
    branch: productionBranch ?? null,
  }));

const mayPromote = (actions: string[] | null | undefined) =>
  actions ? actions.some((action) => action === 'create' || action === 'update') : null;

/**
 * The state and the settings of a project. Its bypass secrets and the values of its variables are
 * never read.
 */
export const Project = z
  .object({
    id: z.string().min(1),
    name: z.string().min(1),
    accountId: z.string().min(1),
    autoAssignCustomDomains: z.boolean().default(true),
    targets: z
      .object({
        production: z
          .object({
            id: z.string().min(1),
            alias: z.array(z.string()).default([]),
            plan: known(plans).nullish(),
          })
          .nullish(),
      })
      .default({}),
    lastAliasRequest: AliasRequest.nullish(),
    rollbackDescription: z.object({ description: z.string() }).nullish(),
    rollingRelease: z.unknown().optional(),
    paused: z.boolean().default(false),
    permissions: z.object({ deploymentPromote: z.array(z.string()).nullish() }).nullish(),
    link: Link.nullish(),
  })
  .transform(({ targets: { production }, ...project }) => ({
    id: project.id,
    name: project.name,
    account: project.accountId,
    /** false: a build of the production branch does not go live until it is promoted. */
    assignsDomains: project.autoAssignCustomDomains,
    /** The live deployment; null = no deployment is live. */
    live: production ? { id: production.id, aliases: production.alias } : null,
    plan: production?.plan ?? 'unknown',
    lastMove: project.lastAliasRequest ?? null,
    rollbackNote: project.rollbackDescription?.description ?? null,
    rolling: project.rollingRelease !== undefined && project.rollingRelease !== null,
    paused: project.paused,
    /**
     * false: the token may read the project but not promote; null = Vercel does not report this.
     */
    mayPromote: mayPromote(project.permissions?.deploymentPromote),
    link: project.link ?? null,
  }));
export type Project = z.infer<typeof Project>;
