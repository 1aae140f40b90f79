import type { Board } from '../../board.ts';
import type { Repositories } from '../../git-host/git-host-repositories.ts';
import type { Push } from '../../git-host/git-host.ts';
import { startHttp } from '../../http.ts';
import { build, killBuild } from './build.ts';
import { create, register } from './create.ts';
import type { Domain } from './domain.ts';
import { followBuild, makeLive } from './moves.ts';
import { openProject, withId } from './open-project.ts';
import type { ProjectInput } from './open-project.ts';
import { createService } from './service.ts';
import { accessOf } from './roles.ts';
import type { Role } from './roles.ts';
import { Traffic } from './signals.ts';
import type { Site } from './site.ts';
import { named, switches } from './switches.ts';
import type { Variable } from './state.ts';
import { truthOf } from './truth.ts';
import { Webhooks } from './webhooks.ts';
import type { WebhookOptions } from './webhooks.ts';

export type VercelOptions = {
  board: Board;
  repositories: Repositories;
  /** The directory of the built commits. */
  directory: string;
  /** The token of Plimsoll. */
  token: string;
  /** The role of this token in the team. Default: member. */
  role?: Role;
  projects: ProjectInput[];
  team?: { id: string; slug: string };
  plan?: 'hobby' | 'pro';
  /** The protection of the address of each deployment. Default: the login page. */
  protection?: Site['protection'];
  /** The secret that the header x-vercel-protection-bypass must contain. */
  bypass?: string;
  /** Variables that the team shares with every project. */
  shared?: Omit<Variable, 'id'>[];
  webhooks?: WebhookOptions;
  paceMs?: number;
  startMs?: number;
  slowMs?: number;
};
export type Vercel = Awaited<ReturnType<typeof startVercel>>;

const siteOf = (options: VercelOptions, closing: AbortSignal): Site => ({
  url: '',
  board: options.board,
  repositories: options.repositories,
  directory: options.directory,
  team: options.team ?? { id: 'team_acme', slug: 'acme' },
  user: { uid: 'usr_plimsoll', username: 'plimsoll', email: 'plimsoll@example.test' },
  plan: options.plan ?? 'pro',
  projects: [],
  webhooks: new Webhooks(options.webhooks ?? null, closing),
  paceMs: options.paceMs ?? 20,
  startMs: options.startMs ?? 3000,
  protection: options.protection ?? 'login-page',
  bypass: options.bypass ?? null,
  traffic: new Traffic(),
  metrics: 'on',
  tokens: new Map([[options.token, accessOf(options.role ?? 'member')]]),
  hidesMoves: false,
  closing,
});

const branchOf = (ref: string) => /^refs\/heads\/(.+)$/.exec(ref)?.[1];

/**
 * Handles a push as Vercel's git integration does. Builds the newest commit of the pushed branch.
 */
const pushed = async (site: Site, { repository, ref, to }: Push) => {
  const branch = branchOf(ref);
  if (branch === undefined || /^0+$/.test(to)) return;
  for (const project of site.projects.filter((one) => one.repository === repository)) {
    const production = branch === project.productionBranch;
    const source = { sha: to, ref: branch, production, source: 'git', meta: {} } as const;
    const { id } = await create(site, project, source);
    site.board.count('vercel', 'build', `${project.name} ${id} ${to}`);
  }
};

/**
 * Builds a commit and makes it live, as a team did before it used Plimsoll. The board does not
 * count this deployment. Returns the id of the deployment.
 */
const seed = async (site: Site, name: string, sha: string) => {
  const project = named(site, name);
  const source = { sha, ref: project.productionBranch, production: true, meta: {} };
  const deployment = await register(site, project, { ...source, source: 'git' });
  await build(site, project, deployment);
  if (deployment.state !== 'READY') throw new Error(`The first build of ${name} failed.`);
  followBuild(project, deployment);
  makeLive(project, deployment);
  return deployment.id;
};

async function closeAll(site: Site, domains: Domain[]) {
  for (const { builds, jobs } of site.projects) {
    builds.open();
    jobs.open();
  }
  for (const deployment of site.projects.flatMap(({ deployments }) => deployments))
    killBuild(deployment);
  await Promise.all(domains.map((domain) => domain.close()));
  const sites = site.projects.flatMap(({ deployments }) => deployments.map((one) => one.site));
  await Promise.all(sites.map((one) => one.close()));
}

/**
 * Starts a stand-in for Vercel's REST API, its builds, and the sites of the built deployments.
 * Every deployment and every production domain has its own port. The board counts these effects:
 * build, createDeployment, cancel, promote, rollback, live, assignAlias, updateProject.
 */
export async function startVercel(options: VercelOptions) {
  const stop = new AbortController();
  const site = siteOf(options, stop.signal);
  const domains: Domain[] = [];
  for (const input of options.projects) domains.push(...(await openProject(site, input)));
  const shared = (options.shared ?? []).map(withId);
  const service = createService(site, { shared });
  const { board, slowMs } = options;
  const http = await startHttp({ service, board, ...(slowMs === undefined ? {} : { slowMs }) });
  site.url = http.url;
  return {
    address: http.url,
    team: site.team,
    /** Handles a push. Use this function as `onPush` of the git host. */
    onPush: (push: Push) => void pushed(site, push),
    seed: (name: string, sha: string) => seed(site, name, sha),
    /** Returns the origins of the production domains. */
    origins: (name: string) => named(site, name).domains.map((host) => `http://${host}`),
    /** Returns the origin of the address that Vercel made for the project. */
    generated: (name: string) => `http://${named(site, name).generated}`,
    ...switches(site, options.token),
    truth: () => Promise.all(site.projects.map(truthOf)),
    /** Resolves when all webhooks were sent. */
    idle: () => site.webhooks.idle(),
    close: async () => {
      stop.abort();
      await closeAll(site, domains);
      await http.close();
    },
  };
}
