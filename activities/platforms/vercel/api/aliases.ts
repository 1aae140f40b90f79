import { z } from 'zod';
import type { Ask } from './ask.ts';
import { Aliases, DeploymentAliases } from './shapes/lists.ts';

/** Every call throws the failures that the comment on `createVercel` lists. */
export type AliasCalls = {
  /** Returns every domain name that points at the deployment now. */
  aliasesOf(where: { project: string; id: string }): Promise<string[]>;
  /** Returns the deployment at which the domain points; null = none. */
  pointsAt(where: { project: string; projectId: string; domain: string }): Promise<string | null>;
  /** Points the domain at this deployment. A second call changes nothing. */
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
    const query = { projectId, domain, limit: 100 };
    const asked = { method: 'GET', path: '/v4/aliases', query, what, project } as const;
    const { aliases } = await ask.json({ ...asked, effect: false }, Aliases);
    return aliases.find(({ alias }) => alias === domain)?.deploymentId ?? null;
  },
  async assignAlias({ project, id, domain }) {
    const what = `pointing ${domain} of ${project} at ${id}`;
    const body = { alias: domain };
    const asked = { method: 'POST', path: path(id), body, what, project, effect: true } as const;
    await ask.json(asked, z.object({ alias: z.literal(domain) }));
  },
});
