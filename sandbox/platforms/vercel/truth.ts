import { processSha } from '../vps/processes.ts';
import { liveOf } from './state.ts';
import type { Project } from './state.ts';

/**
 * Returns the deployment that really answers at each domain. `running` is the commit in whose
 * directory the process runs, or null if no process runs.
 */
async function served({ aliases, deployments, domains }: Project) {
  const of = async (domain: string) => {
    const target = aliases.find((alias) => alias.domain === domain)?.deploymentId;
    const deployment = deployments.find(({ id }) => id === target);
    const pid = await deployment?.site.pid();
    const running = pid === undefined ? null : processSha(pid);
    return { domain, deployment: target ?? null, sha: deployment?.sha ?? null, running };
  };
  return await Promise.all(domains.map(of));
}

export const truthOf = async (project: Project) => ({
  project: project.name,
  id: project.id,
  live: liveOf(project)?.id ?? null,
  liveSha: liveOf(project)?.sha ?? null,
  autoAssign: project.autoAssign,
  served: await served(project),
  deployments: project.deployments.map(
    ({ id, sha, ref, production, state, substate, meta, site }) => ({
      id,
      sha,
      ref,
      production,
      state,
      substate,
      meta,
      url: `http://${site.host}`,
    }),
  ),
});
export type VercelTruth = Awaited<ReturnType<typeof truthOf>>;
