import { z } from 'zod';
import type { Ask } from './ask.ts';
import { allPages } from './pages.ts';
import { AliasMoves, SharedVariables, Variables } from './shapes/lists.ts';
import type { AliasMove, Variable } from './shapes/lists.ts';
import { Project } from './shapes/project.ts';

/**
 * `project` is an id (prj_…) or a name. Every call throws the failures that the comment on
 * `createVercel` lists.
 */
export type ProjectCalls = {
  project(project: string): Promise<Project>;
  /** Sets whether a build of the production branch goes live automatically. */
  setAutoAssign(project: string, on: boolean): Promise<void>;
  /** Returns the state of each domain in the newest promote. */
  aliasMoves(project: string): Promise<AliasMove[]>;
  /**
   * Returns names and targets of the project's own variables. Values are neither requested nor
   * kept.
   */
  variables(project: string): Promise<Variable[]>;
  /**
   * Returns the team's variables that are linked to the project; null = this account has no shared
   * variables.
   */
  sharedVariables(project: { id: string; name: string }): Promise<Variable[] | null>;
};

const at = (project: string) => encodeURIComponent(project);

export const createProjectCalls = (ask: Ask): ProjectCalls => ({
  project: (project) =>
    ask.json(
      {
        method: 'GET',
        path: `/v9/projects/${at(project)}`,
        // Without this parameter Vercel does not return the newest promote or rollback.
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
  aliasMoves: (project) =>
    allPages(async (until) => {
      const path = `/v1/projects/${at(project)}/promote/aliases`;
      const what = `the domains of the newest promote of ${project}`;
      const query = { limit: 100, until };
      const asked = { method: 'GET', path, query, what, project, effect: false } as const;
      const { aliases, pagination } = await ask.json(asked, AliasMoves);
      return { items: aliases, next: pagination?.next };
    }),
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
    const query = { projectId: id };
    const asked = { method: 'GET', path: '/v1/env', query, what, project: name } as const;
    const found = await ask.jsonOr({ ...asked, effect: false }, SharedVariables, [402, 403, 404]);
    return found?.data ?? null;
  },
});
