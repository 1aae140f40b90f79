import { join } from 'node:path';
import type { Activities } from '../domain/activities.ts';
import type { Config } from '../domain/schema.ts';
import { createAdopt } from './adopt.ts';
import { createBudget } from './budget.ts';
import { createApproval } from './approval.ts';
import { createDeployments } from './deployments.ts';
import { createDependencies } from './dependencies.ts';
import { createDiagnose } from './diagnose.ts';
import { createGates } from './gates.ts';
import { createGit } from './git.ts';
import { createGitHub } from './github.ts';
import { createIssues } from './issues.ts';
import { createLift } from './lift.ts';
import { createLedgerActivities } from './ledger.ts';
import type { Ledger } from './ledger.ts';
import { createPager } from './page.ts';
import { createPlanner } from './plan.ts';
import { driverOf as pickFrom, type Drivers } from './platforms/driver.ts';
import { createCloudflareActivities } from './platforms/cloudflare.ts';
import { createCloudflareDriver } from './platforms/cloudflare/driver.ts';
import { createNorthflankActivities } from './platforms/northflank.ts';
import { createConnect } from './platforms/northflank/connect.ts';
import { createNorthflankDriver } from './platforms/northflank/driver.ts';
import { createVps } from './platforms/vps.ts';
import { createVpsDriver } from './platforms/vps/driver.ts';
import { createPublish } from './publish.ts';
import { createPush } from './push.ts';
import { createVercelActivities } from './platforms/vercel.ts';
import { createVercelDriver } from './platforms/vercel/driver.ts';
import { createReconcile } from './reconcile.ts';
import type { ExecutionOf } from './reconcile.ts';
import { createRevert } from './revert.ts';
import { createSentinel } from './sentinel.ts';
import type { LastSentinel } from './sentinel.ts';
import { createSlack } from './slack.ts';
import { createSmoke } from './smoke.ts';
import { createSafeFetch } from './safe-fetch.ts';
import type { WithSsh } from './ssh.ts';
import { createSupersede } from './supersede.ts';
import { createStop } from './stop.ts';
import { createTwin } from './twin.ts';
import { createOpenHost } from './watch/on-host.ts';
import { createWaive } from './waive.ts';
import { createWatch } from './watch.ts';

export type ActivityDeps = {
  config: Config;
  ledger: Ledger;
  /** Resolves "env:NAME"; throws final misconfigured. */
  secret: (ref: string) => string;
  /** Mirrors and short-lived trees; may be deleted at any time. */
  workspace: string;
  /** Carries every command to a host. */
  ssh: WithSsh;
  /** Addresses of the configuration that are not on this machine. */
  remoteEndpoints: readonly string[];
  /** What the Temporal server knows of a run; without it nothing can be reconciled. */
  executionOf?: ExecutionOf;
  lastSentinel?: LastSentinel;
};

/** The composition root: every activity of the contract, or it does not compile. */
export function createActivities(deps: ActivityDeps): Activities {
  const { config, ledger, secret } = deps;
  const token = (repository: string) => githubToken(config, secret, repository);
  const git = createGit({ workspace: join(deps.workspace, 'git'), token });
  const github = config.github
    ? createGitHub({
        api: config.github.api,
        token: secret(config.github.token),
        variable: config.github.token.slice('env:'.length),
      })
    : null;
  const vps = createVps({ over: deps.ssh });
  const openHost = createOpenHost(deps.ssh);
  const timeScale = config.sandbox ? config.timeScale : 1;
  const northflank = createConnect({ secret, timeScale });
  const drivers: Drivers = {
    cloudflare: createCloudflareDriver({ secret, git, timeScale }),
    northflank: createNorthflankDriver(northflank),
    vercel: createVercelDriver({ secret }),
    vps: createVpsDriver({ openHost, inspectHosts: vps.inspectHosts }),
  };
  const driverOf = pickFrom(drivers);
  const inspectHosts: Activities['inspectHosts'] = ({ target }) => driverOf(target).inspect(target);
  const measureBaseline: Activities['measureBaseline'] = (asked) =>
    driverOf(asked.target).measureBaseline(asked);
  const dependencies = createDependencies();
  const { remoteEndpoints } = deps;
  const fetch = createSafeFetch({
    configured: config.budget?.summary ? [config.budget.summary.url] : [],
  });
  return {
    ...createPlanner({
      config: () => config,
      ledger,
      git,
      inspectHosts,
      measureBaseline,
      ...(github ? { pullOf: github.pullOf } : {}),
      noReturn: async (target, sha) => (await driverOf(target).noReturn?.(target, sha)) ?? null,
      ...dependencies,
    }),
    ...createPush({ config: () => config, ledger, git }),
    ...createSupersede({ config: () => config, ledger, git }),
    ...createAdopt({ config: () => config, git, inspectHosts }),
    ...createApproval({ config: () => config, ledger }),
    ...createLift({ config: () => config, ledger }),
    ...createWaive({ config: () => config, ledger }),
    ...createStop({ config: () => config, ledger }),
    ...createGates({ config, git, github, ledger, driverOf, remoteEndpoints, secret, fetch }),
    ...createBudget({ config, ledger, secret, fetch }),
    ...createPublish({ git }),
    ...vps,
    ...createNorthflankActivities(northflank),
    ...createVercelActivities({ secret }),
    ...createCloudflareActivities({ secret, git, workspace: deps.workspace }),
    inspectHosts,
    measureBaseline,
    ...dependencies,
    ...createTwin({ driverOf }),
    ...createSmoke(),
    ...createWatch({ driverOf }),
    ...createLedgerActivities({ ledger, signers: config }),
    ...createSlack({ config, secret }),
    ...createPager({ page: config.page, secret }),
    ...createDeployments({ github, webUi: config.webUi ?? null }),
    ...createReconcile({ ledger, executionOf: deps.executionOf }),
    ...createSentinel({
      ...{ config: () => config, ledger, git, inspectHosts },
      lastSentinel: deps.lastSentinel,
    }),
    ...createIssues({ git, github }),
    ...createRevert({ git, github }),
    ...createDiagnose({ driverOf }),
  };
}

/** The token goes to the repositories of projects that are at GitHub, and nowhere else. */
function githubToken(config: Config, secret: (ref: string) => string, repository: string) {
  const projects = Object.values(config.projects);
  const known = projects.some((project) => project.github && project.repository === repository);
  return known && config.github ? secret(config.github.token) : undefined;
}
