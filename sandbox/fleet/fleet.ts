import { createBuilder } from '../../activities/builds/builder.ts';
import { defaultBuilds } from '../../domain/config/builds.ts';
import { newSealKey } from '../../worker/seal/new-key.ts';
import { sshKeygen } from '../../activities/lib/ssh-keygen.ts';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { cloudflareEnv, cloudflareEnvironment, cloudflareOf } from './cloudflare.ts';
import { email, hostNames, launch, serviceOf, stagingNames } from './launch.ts';
import { northflankEnvironment, northflankOf } from './northflank.ts';
import type { ServiceInput } from '../platforms/northflank/state.ts';
import { vpsEnvironment } from './vps.ts';
import { vercelEnv, vercelEnvironment, vercelOf } from './vercel.ts';
import type { FileTree } from '../samples/samples.ts';
import { startSandbox } from '../sandbox.ts';
import type { Sandbox } from '../sandbox.ts';
import { team } from '../slack/state.ts';
import type { VpsHostHandle } from '../platforms/vps/start-vps-host.ts';

/** One project. It has a release that already runs, a release to deploy, and a result of CI. */
export type ProjectSpec = {
  name: string;
  /** The number of hosts. A project at a cloud platform has 0 hosts. */
  hosts: number;
  at?: 'northflank' | 'vercel' | 'cloudflare';
  /** The settings of the Northflank service that differ from the defaults. */
  service?: Partial<ServiceInput>;
  /** If false, the next release is on the branch `next` and is not merged into main. */
  merged?: false;
  first: FileTree;
  next: FileTree;
  /** The files of a third commit, which comes after the commit of `next`. */
  later?: FileTree;
  checks: 'success' | 'failure' | 'none';
  /**
   * The folder of the repository that contains the files of the project. The service starts the
   * server.mjs in this folder.
   */
  folder?: string;
  /**
   * The name of a project that is earlier in the list. The two projects share the repository of the
   * earlier project, and each has its own folder. Each of the two commits contains files of both
   * projects.
   */
  beside?: string;
  /**
   * If true, adds the environment staging. It has one host, named NAME-staging. A commit must be
   * deployed to staging before it can be deployed to production.
   */
  staging?: boolean;
  /** Settings to merge into the configuration of production. */
  environment?: Record<string, unknown>;
  /** Settings to merge into the configuration of the project. */
  project?: Record<string, unknown>;
};
export type FleetProject = {
  name: string;
  repository: string;
  oldSha: string;
  newSha: string;
  laterSha: string | null;
  /** The hosts of production. */
  hosts: VpsHostHandle[];
  staging: VpsHostHandle[];
};
export type Fleet = {
  sandbox: Sandbox;
  fleetProjects: FleetProject[];
  configPath: string;
  ledgerPath: string;
  /** The environment variables for the worker process. They contain the tokens. */
  env: Record<string, string>;
  /** The public keys of the workers. An approver puts them into PLIMSOLL_SEAL_PUBLIC. */
  sealPublic: string;
  keys: Record<'casey' | 'morgan' | 'robin', string>;
  close(): Promise<void>;
};
export type FleetOptions = {
  directory: string;
  fleetProjects: ProjectSpec[];
  timeScale: number;
  server?: 'sshd' | 'ssh2';
  /**
   * If true, people can approve and reject with Slack buttons. The clicks arrive through Socket
   * Mode.
   */
  clicks?: boolean;
  /** Settings to merge into the whole configuration. */
  config?: Record<string, unknown>;
};

const people = ['casey', 'morgan', 'robin'] as const;
const slackIds = { casey: 'U0CASEY', morgan: 'U0MORGAN', robin: 'U0ROBIN' } as const;

/**
 * Starts a sandbox with the repositories of all projects. Deploys the first release of each
 * project. Writes the keys of the people and one plimsoll.yaml for all projects. All traffic stays
 * on loopback.
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { directory, fleetProjects: specs, server } = options;
  mkdirSync(directory, { recursive: true });
  const hosts = specs.flatMap((spec) =>
    [...hostNames(spec), ...stagingNames(spec)].map((name) => ({
      name,
      service: serviceOf(spec),
      ...(server ? { server } : {}),
    })),
  );
  const users = people.map((name) => ({
    id: slackIds[name],
    name,
    email: email(name),
    isBot: false,
  }));
  const { timeScale } = options;
  const platforms = {
    ...northflankOf(specs, timeScale),
    ...vercelOf(specs),
    ...cloudflareOf(specs, timeScale),
  };
  const sandbox = await startSandbox({
    directory,
    hosts,
    slack: { users, timeScale },
    ...platforms,
  });
  try {
    const keys = Object.fromEntries(people.map((name) => [name, makeKey(directory, name)]));
    const fleetProjects: FleetProject[] = [];
    for (const spec of specs)
      fleetProjects.push(await launch(sandbox, spec, { specs, fleetProjects }));
    const configPath = join(directory, 'plimsoll.yaml');
    const ledgerPath = join(directory, 'ledger.db');
    const seal = newSealKey();
    const builds = specs.some(({ at }) => at === 'cloudflare') ? await buildsHere() : {};
    const config = configure(options, {
      builds,
      sandbox,
      seal: seal.publicKey,
      fleetProjects,
      keys: keys as Fleet['keys'],
      ledgerPath,
    });
    writeFileSync(configPath, stringify(config));
    const env = {
      PLIMSOLL_SEAL: seal.key,
      GITHUB_TOKEN: sandbox.tokens.github,
      SLACK_BOT_TOKEN: sandbox.tokens.slack,
      SLACK_APP_TOKEN: sandbox.tokens.slackApp,
      SLACK_SIGNING_SECRET: sandbox.tokens.slackSigning,
      NORTHFLANK_TOKEN: sandbox.tokens.northflank ?? '',
      ...vercelEnv(sandbox),
      ...cloudflareEnv(sandbox),
    };
    const close = () => sandbox.close();
    return {
      sandbox,
      fleetProjects,
      configPath,
      ledgerPath,
      env,
      sealPublic: seal.publicKey,
      keys: keys as Fleet['keys'],
      close,
    };
  } catch (cause) {
    await sandbox.close();
    throw cause;
  }
}

function makeKey(directory: string, name: string): string {
  const path = join(directory, `${name}.key`);
  execFileSync(sshKeygen(), ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
  return path;
}

type Known = {
  builds: object;
  sandbox: Sandbox;
  fleetProjects: FleetProject[];
  keys: Fleet['keys'];
  ledgerPath: string;
  /** The public key that checks the seals of the workers of this fleet. */
  seal: string;
};

function approvalsIn(directory: string) {
  const key = makeKey(directory, 'bridge');
  const publicKey = readFileSync(`${key}.pub`, 'utf8').trim();
  return { team: team.id, key, publicKey, appToken: 'env:SLACK_APP_TOKEN' };
}

/**
 * Returns the setting for the isolation of builds. The commits of the sandbox are harmless. So if a
 * machine cannot isolate builds, the sandbox builds them without isolation.
 */
async function buildsHere() {
  const { kind } = await createBuilder(defaultBuilds).isolation();
  return kind === 'missing' ? { builds: { isolation: 'none' } } : {};
}

function configure(options: FleetOptions, known: Known) {
  const { fleetProjects: specs, timeScale, config, directory, clicks } = options;
  const { sandbox, fleetProjects, keys, ledgerPath, seal } = known;
  const person = (name: (typeof people)[number]) => ({
    keys: [readFileSync(`${keys[name]}.pub`, 'utf8').trim()],
    emails: [email(name)],
    slack: slackIds[name],
  });
  return {
    sandbox: true,
    timeScale,
    ledger: ledgerPath,
    seal: { key: 'env:PLIMSOLL_SEAL', public: [seal] },
    github: { api: sandbox.github.address, token: 'env:GITHUB_TOKEN' },
    slack: {
      ...{ api: sandbox.slack.api, token: 'env:SLACK_BOT_TOKEN' },
      ...(clicks ? { approvals: approvalsIn(directory) } : {}),
    },
    page: { webhook: sandbox.pager.url },
    ...known.builds,
    approvers: { morgan: person('morgan'), robin: person('robin') },
    requesters: { casey: person('casey') },
    projects: Object.fromEntries(
      fleetProjects.map((fleetProject, index) => [
        fleetProject.name,
        project(sandbox, fleetProject, specs[index] as ProjectSpec),
      ]),
    ),
    ...config,
  };
}

function productionOf(sandbox: Sandbox, fleetProject: FleetProject, { at }: ProjectSpec) {
  if (at === 'northflank') return northflankEnvironment(sandbox, fleetProject);
  if (at === 'cloudflare') return cloudflareEnvironment(sandbox, fleetProject);
  return at === 'vercel'
    ? vercelEnvironment(sandbox, fleetProject)
    : vpsEnvironment(fleetProject.hosts);
}

function project(sandbox: Sandbox, fleetProject: FleetProject, spec: ProjectSpec) {
  const production = productionOf(sandbox, fleetProject, spec);
  const chain = spec.staging
    ? {
        staging: vpsEnvironment(fleetProject.staging),
        production: { ...production, after: 'staging' },
      }
    : { production };
  return {
    repository: sandbox.git.url(fleetProject.repository),
    github: fleetProject.repository,
    tests: { required: ['ci'] },
    ...(spec.folder ? { paths: [spec.folder] } : {}),
    environments: { ...chain, production: { ...chain.production, ...spec.environment } },
    ...spec.project,
  };
}
