import { z } from 'zod';
import type { Ask } from './ask.ts';
import { Alias, DeploymentAliases } from './shapes/lists.ts';

/** Every call throws the failures that the comment on `createVercel` lists. */
export type AliasCalls = {
  /** Returns every domain name that points to the deployment now. */
  aliasesOf(where: { project: string; id: string }): Promise<string[]>;
  /** Returns the id of the project's deployment to which the domain points, or null. */
  pointsAt(where: { project: string; projectId: string; domain: string }): Promise<string | null>;
  /** Points the domain to this deployment. A second call changes nothing. */
  assignAlias(where: { project: string; id: string; domain: string }): Promise<void>;
};

const path = (id: string) => `/v2/deployments/${encodeURIComponent(id)}/aliases`;

export const createAliasCalls = (ask: Ask): AliasCalls => ({
  async aliasesOf({ project, id }) {
    const what = `the names of the deployment ${id} of ${project}`;
    const asked = { method: 'GET', path: path(id), what, project, effect: false } as const;
    return (await ask.json(asked, DeploymentAliases)).aliases.map(({ alias }) => alias);
  },
  async pointsAt({ project, projectId, domain }) {
    const what = `the domain ${domain} of ${project}`;
    // This path names exactly one host. The list of aliases also has a filter for domains, but the
    // documentation does not say whether it means the host or its apex domain.
    const path = `/v4/aliases/${encodeURIComponent(domain)}`;
    const asked = { method: 'GET', path, query: { projectId }, what, project } as const;
    const found = await ask.jsonOr({ ...asked, effect: false }, Alias, [404]);
    const ours = found?.alias === domain && found.projectId === projectId;
    return ours ? (found.deploymentId ?? null) : null;
  },
  async assignAlias({ project, id, domain }) {
    const what = `pointing ${domain} of ${project} at ${id}`;
    const body = { alias: domain };
    const asked = { method: 'POST', path: path(id), body, what, project, effect: true } as const;
    await ask.json(asked, z.object({ alias: z.literal(domain) }));
  },
});
