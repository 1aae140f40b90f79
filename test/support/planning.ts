import type { Ledger } from '../../activities/ledger/types.ts';
import { createPlanner } from '../../activities/plan/plan.ts';
import type { Site } from '../../activities/plan/makers.ts';
import type { PlannerDeps } from '../../activities/plan/facts.ts';
import type { Commit, HostState, Plan } from '../../domain/deploy/plan.ts';
import type { Changes } from '../../domain/approval/changes.ts';
import { Config, type DeployRequest } from '../../domain/config/config.ts';
import { makeKey } from './keys.ts';
import { sitesOf } from '../../domain/platforms/sites.ts';

const requestNamespace = 'plimsoll-request@v1';
export const alice = makeKey();
const bob = makeKey();
export const ci = makeKey();
export const live = 'a'.repeat(40);
export const shipped = 'b'.repeat(40);
export const hosts = ['deploy@one.example:22', 'deploy@two.example:2222'];
export const now = Date.parse('2026-11-24T10:00:00.000Z');

const environment = (over: object = {}) => ({
  platform: 'vps',
  hosts: [
    {
      address: 'deploy@one.example',
      hostKey: `SHA256:${'A'.repeat(43)}`,
      url: 'https://one.example',
    },
    {
      address: 'deploy@two.example:2222',
      hostKey: `SHA256:${'B'.repeat(43)}`,
      url: 'https://two.example',
    },
  ],
  directory: '/srv/shop',
  service: 'shop',
  prepare: 'npm ci',
  health: 'http://127.0.0.1:8080/healthz',
  smoke: { auth: '/login', payments: '/pay', core: '/' },
  ...over,
});

/**
 * A configuration with two hosts, two approvers and one agent. `over` replaces top-level keys.
 * `place` replaces keys of both environments.
 */
export const configOf = (over: object = {}, place: object = {}) =>
  Config.parse({
    approvers: {
      alice: { keys: [alice.publicKey], emails: ['alice@shop.example'] },
      bob: { keys: [bob.publicKey], emails: ['bob@shop.example'] },
    },
    requesters: { ci: { keys: [ci.publicKey], emails: ['ci@shop.example'] } },
    projects: {
      shop: {
        repository: 'https://git.example/shop.git',
        github: 'acme/shop',
        tests: { required: ['ci'] },
        environments: { production: environment(place), staging: environment(place) },
      },
    },
    ...over,
  });

export const requestOf = (over: Partial<DeployRequest> = {}): DeployRequest => ({
  project: 'shop',
  environment: 'production',
  ref: 'main',
  requestedBy: 'ci',
  reason: 'take cards',
  priority: 'normal',
  nonce: '1'.repeat(32),
  requestedAt: '2026-11-24T09:59:00.000Z',
  ...over,
});

export const commit = (n: number, over: Partial<Commit> = {}): Commit => ({
  sha: n.toString(16).padStart(40, '0'),
  title: `Commit ${n}`,
  emails: ['alice@shop.example'],
  ...over,
});
const state = (host: string, over: Partial<HostState> = {}): HostState => ({
  host,
  sha: live,
  runningSha: live,
  invocationId: 'i',
  active: true,
  healthy: true,
  ready: [live],
  ...over,
});

/** The ledger of the running test. Each test file sets a new ledger before every test. */
export const memory = {} as { ledger: Ledger };

export type World = {
  ledger?: PlannerDeps['ledger'];
  config?: Config;
  states?: Record<string, Partial<HostState> | Error>;
  commits?: { commits: Commit[]; total: number };
  changes?: Partial<Changes>;
  onBranch?: boolean;
  clock?: number;
  baseline?: Plan['baseline'];
  /** The people whose signatures are on the commits, by SHA. */
  signers?: Map<string, string>;
  github?: Site;
  /** The reason why a rollback across the commit is not possible. */
  noReturn?: string;
  /** Declared dependencies that do not answer. */
  down?: string[];
};

export function planner(world: World = {}) {
  const asked: string[] = [];
  const deps: PlannerDeps = {
    config: () => world.config ?? configOf(),
    ledger: world.ledger ?? memory.ledger,
    git: {
      resolve: async (_, ref) => {
        asked.push(`resolve ${ref}`);
        return ref.startsWith('refs/heads/') ? 'f'.repeat(40) : shipped;
      },
      commits: async (_, from, to) => {
        asked.push(`commits ${from?.slice(0, 7) ?? 'all'}..${to.slice(0, 7)}`);
        const { commits, total } = world.commits ?? { commits: [commit(1)], total: 1 };
        return { commits: commits.map((one) => ({ ...one, message: one.title })), total };
      },
      changes: async (_, from, to) => {
        asked.push(`changes ${from?.slice(0, 7) ?? 'all'}..${to.slice(0, 7)}`);
        return { files: [], unread: null, links: [], ...world.changes };
      },
      isAncestor: async () => world.onBranch ?? true,
      signers: async () => world.signers ?? new Map<string, string>(),
    },
    ...(world.github ? { github: world.github } : {}),
    noReturn: async () => world.noReturn ?? null,
    inspectHosts: async ({ target }) =>
      sitesOf(target).map(({ name }) => {
        asked.push(`inspect ${name}`);
        const answer = world.states?.[name] ?? {};
        if (answer instanceof Error) throw answer;
        return state(name, answer);
      }),
    measureBaseline: async () => world.baseline ?? null,
    probeDependencies: async ({ dependencies }) =>
      dependencies.map((url) => {
        const down = world.down?.includes(url) === true;
        return { url, ok: !down, detail: down ? '503, twice' : '200' };
      }),
    now: () => world.clock ?? now,
  };
  return { ...createPlanner(deps), asked };
}

export const signed = (
  over: Partial<DeployRequest> = {},
  key = ci,
  namespace = requestNamespace,
) => {
  const request = requestOf(over);
  return { request, signature: key.sign(request, namespace) };
};
export const plan = (world: World = {}, over: Partial<DeployRequest> = {}) =>
  planner(world).planDeploy({ signed: signed(over), runId: 'run-1', record: true });
