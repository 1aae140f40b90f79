import { sshKeygen } from '../activities/lib/ssh-keygen.ts';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { cloudflareEnv, cloudflareEnvironment, cloudflareOf } from './fleet/cloudflare.ts';
import { email, hostNames, launch, serviceOf, stagingNames } from './fleet/launch.ts';
import { northflankEnvironment, northflankOf } from './fleet/northflank.ts';
import type { ServiceInput } from './northflank/state.ts';
import { vpsEnvironment } from './fleet/vps.ts';
import { vercelEnv, vercelEnvironment, vercelOf } from './fleet/vercel.ts';
import type { FileTree } from './samples.ts';
import { startSandbox } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';
import { team } from './slack/state.ts';
import type { VpsHostHandle } from './vps/start-vps-host.ts';

/** One project: what runs already, what will be deployed, and what CI said of it. */
export type ShipSpec = {
  name: string;
  /** Number of its hosts; 0 for one that is at a platform. */
  hosts: number;
  at?: 'northflank' | 'vercel' | 'cloudflare';
  /** What its service there is like. */
  service?: Partial<ServiceInput>;
  /** False: the next release is on the branch `next`, and main never heard of it. */
  merged?: false;
  first: FileTree;
  next: FileTree;
  /** One more commit, after `next`. */
  later?: FileTree;
  checks: 'success' | 'failure' | 'none';
  /** Its files lie in a folder of the repository, and it starts there. */
  folder?: string;
  /** In the repository of an earlier ship that has a folder as well: both come in the same two commits. */
  beside?: string;
  /** One more host, NAME-staging: a commit must have succeeded there before it comes to production. */
  staging?: boolean;
  /** Merged over production's configuration. */
  environment?: Record<string, unknown>;
  /** Merged over the project's configuration. */
  project?: Record<string, unknown>;
};
export type Ship = {
  name: string;
  repository: string;
  oldSha: string;
  newSha: string;
  laterSha: string | null;
  /** Those of production. */
  hosts: VpsHostHandle[];
  staging: VpsHostHandle[];
};
export type Fleet = {
  sandbox: Sandbox;
  ships: Ship[];
  configPath: string;
  ledgerPath: string;
  /** The worker's environment: the tokens. */
  env: Record<string, string>;
  keys: Record<'casey' | 'morgan' | 'robin', string>;
  close(): Promise<void>;
};
export type FleetOptions = {
  directory: string;
  ships: ShipSpec[];
  timeScale: number;
  server?: 'sshd' | 'ssh2';
  /** Buttons at Slack, heard through the socket. */
  clicks?: boolean;
  /** Merged over the whole configuration. */
  config?: Record<string, unknown>;
};

const people = ['casey', 'morgan', 'robin'] as const;
const slackIds = { casey: 'U0CASEY', morgan: 'U0MORGAN', robin: 'U0ROBIN' } as const;

/** Repositories, hosts with a first release, keys and a plimsoll.yaml for all of it; nothing leaves loopback. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { directory, ships: specs, server } = options;
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
  const sandbox = await startSandbox({ directory, hosts, slack: { users }, ...platforms });
  try {
    const keys = Object.fromEntries(people.map((name) => [name, makeKey(directory, name)]));
    const ships: Ship[] = [];
    for (const spec of specs) ships.push(await launch(sandbox, spec, { specs, ships }));
    const configPath = join(directory, 'plimsoll.yaml');
    const ledgerPath = join(directory, 'ledger.db');
    const config = configure(options, { sandbox, ships, keys: keys as Fleet['keys'], ledgerPath });
    writeFileSync(configPath, stringify(config));
    const env = {
      GITHUB_TOKEN: sandbox.tokens.github,
      SLACK_BOT_TOKEN: sandbox.tokens.slack,
      SLACK_APP_TOKEN: sandbox.tokens.slackApp,
      SLACK_SIGNING_SECRET: sandbox.tokens.slackSigning,
      NORTHFLANK_TOKEN: sandbox.tokens.northflank ?? '',
      ...vercelEnv(sandbox),
      ...cloudflareEnv(sandbox),
    };
    const close = () => sandbox.close();
    return { sandbox, ships, configPath, ledgerPath, env, keys: keys as Fleet['keys'], close };
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

type Known = { sandbox: Sandbox; ships: Ship[]; keys: Fleet['keys']; ledgerPath: string };

function approvalsIn(directory: string) {
  const key = makeKey(directory, 'bridge');
  const publicKey = readFileSync(`${key}.pub`, 'utf8').trim();
  return { team: team.id, key, publicKey, appToken: 'env:SLACK_APP_TOKEN' };
}

function configure(options: FleetOptions, known: Known) {
  const { ships: specs, timeScale, config, directory, clicks } = options;
  const { sandbox, ships, keys, ledgerPath } = known;
  const person = (name: (typeof people)[number]) => ({
    keys: [readFileSync(`${keys[name]}.pub`, 'utf8').trim()],
    emails: [email(name)],
    slack: slackIds[name],
  });
  return {
    sandbox: true,
    timeScale,
    ledger: ledgerPath,
    github: { api: sandbox.github.address, token: 'env:GITHUB_TOKEN' },
    slack: {
      ...{ api: sandbox.slack.api, token: 'env:SLACK_BOT_TOKEN' },
      ...(clicks ? { approvals: approvalsIn(directory) } : {}),
    },
    page: { webhook: sandbox.pager.url },
    approvers: { morgan: person('morgan'), robin: person('robin') },
    requesters: { casey: person('casey') },
    projects: Object.fromEntries(
      ships.map((ship, index) => [ship.name, project(sandbox, ship, specs[index] as ShipSpec)]),
    ),
    ...config,
  };
}

function productionOf(sandbox: Sandbox, ship: Ship, { at }: ShipSpec) {
  if (at === 'northflank') return northflankEnvironment(sandbox, ship);
  if (at === 'cloudflare') return cloudflareEnvironment(sandbox, ship);
  return at === 'vercel' ? vercelEnvironment(sandbox, ship) : vpsEnvironment(ship.hosts);
}

function project(sandbox: Sandbox, ship: Ship, spec: ShipSpec) {
  const production = productionOf(sandbox, ship, spec);
  const chain = spec.staging
    ? { staging: vpsEnvironment(ship.staging), production: { ...production, after: 'staging' } }
    : { production };
  return {
    repository: sandbox.git.url(ship.repository),
    github: ship.repository,
    tests: { required: ['ci'] },
    ...(spec.folder ? { paths: [spec.folder] } : {}),
    environments: { ...chain, production: { ...chain.production, ...spec.environment } },
    ...spec.project,
  };
}
