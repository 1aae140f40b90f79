import { z } from 'zod';
import type { Ask } from './ask.ts';
import type { Refusal } from './failure.ts';
import { allPages } from './pages.ts';
import { AliasMoves, SharedVariables, Variables } from './shapes/lists.ts';
import type { AliasMove, Variable } from './shapes/lists.ts';
import { Project, ProjectDomain, ProjectDomains } from './shapes/project.ts';

type Where = {
  /** Name of the project, for error texts. */
  project: string;
  projectId: string;
};

/**
 * `project` is an id (prj_…) or a name. Every call throws the failures that the comment on
 * `createVercel` lists.
 */
export type ProjectCalls = {
  project(project: string): Promise<Project>;
  /** Sets whether a build of the production branch goes live automatically. */
  setAutoAssign(project: string, on: boolean): Promise<void>;
  /**
   * Returns the domain's settings in the project, or null if the project does not have the domain.
   */
  domain(where: Where & { domain: string }): Promise<ProjectDomain | null>;
  /** Returns the names of at most 100 production domains. */
  productionDomains(where: Where): Promise<string[]>;
  /** Returns the state of each domain in the newest promotion or in the newest rollback. */
  aliasMoves(where: Where & { of: 'promote' | 'rollback' }): Promise<AliasMove[]>;
  /**
   * Returns names and targets of the project's own variables, without their values.
   */
  variables(project: string): Promise<Variable[]>;
  /**
   * Returns the team's variables that are linked to the project, or the refusal. 403 means that the
   * token may not read these variables. 402 or 404 means that this account has no shared variables.
   */
  sharedVariables(project: { id: string; name: string }): Promise<Variable[] | Refusal>;
};

const at = (project: string) => encodeURIComponent(project);

/**
 * Vercel's specification contains only the path for a promotion. Vercel does not document the path
 * for a rollback. This path comes from Vercel's CLI (packages/cli/src/commands/rollback/status.ts).
 * So if Vercel refuses the request, this counts as "no domains". Both paths need the id of the
 * project, not its name.
 */
const movesOf = {
  promote: { path: (id: string) => `/v1/projects/${at(id)}/promote/aliases`, none: [404] },
  rollback: {
    path: (id: string) => `/v9/projects/${at(id)}/rollback/aliases`,
    none: [400, 403, 404, 410],
  },
};

export const createProjectCalls = (ask: Ask): ProjectCalls => ({
  project: (project) =>
    ask.json(
      {
        method: 'GET',
        path: `/v9/projects/${at(project)}`,
        // Without this parameter, Vercel does not return the newest promotion or rollback.
        query: { rollbackInfo: true },
        what: `the project ${project}`,
        project,
        effect: false,
      },
      Project,
    ),
  async setAutoAssign(project, on) {
    const what = `turning the assignment of production domains ${on ? 'on' : 'off'} in ${project}`;
    const path = `/v9/projects/${at(project)}`;
    const body = { autoAssignCustomDomains: on };
    const Set = z.object({ autoAssignCustomDomains: z.literal(on) });
    await ask.json({ method: 'PATCH', path, body, what, project, effect: true }, Set);
  },
  domain({ project, projectId, domain }) {
    const path = `/v9/projects/${at(projectId)}/domains/${at(domain)}`;
    const what = `the domain ${domain} in the settings of ${project}`;
    const asked = { method: 'GET', path, what, project, effect: false } as const;
    return ask.jsonOr(asked, ProjectDomain, [404]);
  },
  async productionDomains({ project, projectId }) {
    const path = `/v9/projects/${at(projectId)}/domains`;
    const what = `the production domains of ${project}`;
    const query = { production: true, redirects: false, limit: 100 };
    const asked = { method: 'GET', path, query, what, project, effect: false } as const;
    return (await ask.json(asked, ProjectDomains)).domains.map(({ name }) => name);
  },
  async aliasMoves({ project, projectId, of }) {
    const what = `the domains of the newest ${of} of ${project}`;
    const path = movesOf[of].path(projectId);
    return await allPages(async (until) => {
      const query = { limit: 100, until };
      const asked = { method: 'GET', path, query, what, project, effect: false } as const;
      const found = await ask.jsonOr(asked, AliasMoves, movesOf[of].none);
      return { items: found?.aliases ?? [], next: found?.pagination?.next };
    });
  },
  variables: (project) =>
    allPages(async (until) => {
      const path = `/v10/projects/${at(project)}/env`;
      const what = `the names of the variables of ${project}`;
      const query = { decrypt: false, until };
      const asked = { method: 'GET', path, query, what, project, effect: false } as const;
      const { envs, pagination } = await ask.json(asked, Variables);
      return { items: envs, next: pagination?.next };
    }),
  async sharedVariables({ id, name }) {
    const what = `the names of the team's variables for ${name}`;
    const refusals: Refusal[] = [];
    const all = await allPages(async (until) => {
      const query = { projectId: id, until };
      const asked = { method: 'GET', path: '/v1/env', query, what, project: name } as const;
      const page = await ask.jsonOrRefusal({ ...asked, effect: false }, SharedVariables);
      if (!('refused' in page)) return { items: page.data, next: page.pagination?.next };
      refusals.push(page);
      return { items: [], next: null };
    });
    return refusals[0] ?? all;
  },
});
