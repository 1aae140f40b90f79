import { z } from 'zod';
import { rightsIn } from '../../../../../domain/platforms/vercel/rights.ts';
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

/**
 * The state and the settings of a project, without its bypass secrets and the values of its
 * variables.
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
            automaticAliases: z.array(z.string()).default([]),
            plan: known(plans).nullish(),
          })
          .nullish(),
      })
      .default({}),
    lastAliasRequest: AliasRequest.nullish(),
    rollbackDescription: z.object({ description: z.string() }).nullish(),
    rollingRelease: z.unknown().optional(),
    paused: z.boolean().default(false),
    gitLFS: z.boolean().default(false),
    permissions: z.record(z.string(), z.unknown()).nullish(),
    link: Link.nullish(),
  })
  .transform(({ targets: { production }, ...project }) => ({
    id: project.id,
    name: project.name,
    account: project.accountId,
    /** False if a build of the production branch goes live only after a promotion. */
    assignsDomains: project.autoAssignCustomDomains,
    /** True if builds get the files of Git LFS. */
    usesLfs: project.gitLFS,
    /**
     * The live deployment. null means that no deployment is live. `generated` lists the addresses
     * that Vercel made and moves automatically.
     */
    live: production
      ? { id: production.id, aliases: production.alias, generated: production.automaticAliases }
      : null,
    plan: production?.plan ?? 'unknown',
    lastMove: project.lastAliasRequest ?? null,
    rollbackNote: project.rollbackDescription?.description ?? null,
    rolling: project.rollingRelease !== undefined && project.rollingRelease !== null,
    paused: project.paused,
    /** The rights of the token in the project. */
    rights: rightsIn(project.permissions),
    link: project.link ?? null,
  }));
export type Project = z.infer<typeof Project>;

/** A domain that is registered in the settings of a project. */
export const ProjectDomain = z
  .object({
    name: z.string().min(1),
    gitBranch: z.string().nullish(),
    customEnvironmentId: z.string().nullish(),
    redirect: z.string().nullish(),
    verified: z.boolean(),
  })
  .transform(({ name, gitBranch, customEnvironmentId, redirect, verified }) => ({
    name,
    /** The branch whose previews the domain serves. null means that the domain serves no branch. */
    branch: gitBranch ?? null,
    /** True if the domain serves a custom environment, not production. */
    custom: (customEnvironmentId ?? null) !== null,
    /**
     * The domain to which this domain redirects. null means that this domain serves deployments.
     */
    redirect: redirect ?? null,
    verified,
  }));
export type ProjectDomain = z.infer<typeof ProjectDomain>;
export const ProjectDomains = z.object({ domains: z.array(ProjectDomain) });
