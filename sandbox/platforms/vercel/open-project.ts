import { openDomain } from './domain.ts';
import type { Domain } from './domain.ts';
import { Gate } from './gate.ts';
import type { Site } from './site.ts';
import { newId } from './state.ts';
import type { Project, Variable } from './state.ts';

export type ProjectInput = {
  name: string;
  /** The repository at the git host, as owner/name. */
  repository: string;
  productionBranch?: string;
  /** If true, a new production build goes live automatically. Default: true, as at Vercel. */
  autoAssign?: boolean;
  /** The number of production domains. Default: 1. */
  domains?: number;
  variables?: Omit<Variable, 'id'>[];
};
export const withId = (variable: Omit<Variable, 'id'>): Variable => ({
  ...variable,
  id: newId('env'),
});

const fresh = (site: Site, input: ProjectInput, domains: Domain[], own: Domain): Project => ({
  id: newId('prj'),
  name: input.name,
  repository: input.repository,
  repoId: 100_000 + site.projects.length,
  productionBranch: input.productionBranch ?? 'main',
  plan: site.plan,
  autoAssign: input.autoAssign ?? true,
  rolling: false,
  paused: false,
  deployments: [],
  lives: [],
  domains: domains.map(({ host }) => host),
  domainSettings: {},
  generated: own.host,
  aliases: [],
  variables: (input.variables ?? []).map(withId),
  lastAliasRequest: null,
  moves: { promote: [], rollback: [] },
  rollbackNote: null,
  nextMove: null,
  nextBuild: null,
  builds: new Gate(),
  jobs: new Gate(),
});

/** Creates a project and opens its domains. Returns the domains. */
export async function openProject(site: Site, input: ProjectInput) {
  const self = { project: undefined as Project | undefined };
  const count = Array.from({ length: input.domains ?? 1 });
  const open = () => openDomain(() => self.project!, site.traffic);
  const domains = await Promise.all(count.map(open));
  const generated = await open();
  self.project = fresh(site, input, domains, generated);
  site.projects.push(self.project);
  return [...domains, generated];
}
