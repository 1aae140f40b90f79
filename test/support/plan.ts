import { timing } from '../../domain/deploy/timing.ts';
import { judgeDefaults } from '../../domain/watch/judge/judge-defaults.ts';
import type {
  GateName,
  GateReport,
  HostState,
  Sample,
  Plan,
  PlanOn,
} from '../../domain/deploy/plan.ts';
import type { VpsTarget } from '../../domain/platforms/vps/target.ts';

export const sha = (digit: string) => digit.repeat(40);
export const oldSha = sha('a');
export const newSha = sha('b');

export const hostState = (host: string, served: string): HostState => ({
  host,
  sha: served,
  runningSha: served,
  invocationId: '1'.repeat(32),
  active: true,
  healthy: true,
});

const host = (name: string) => ({
  name,
  user: 'deploy',
  host: '127.0.0.1',
  port: 22,
  hostKey: `SHA256:${'A'.repeat(43)}`,
  url: 'http://127.0.0.1:18789',
});

/** A complete plan for production on one VPS host, with one approver. `changes` replaces fields. */
export function planFor(changes: Partial<Plan> = {}): PlanOn<VpsTarget> {
  const plan: Plan = {
    deployId: 'd-0123456789ab',
    project: 'gateway',
    environment: 'production',
    ref: 'main',
    sha: newSha,
    requestedBy: 'alice',
    reason: 'fix the queue',
    priority: 'normal',
    release: { id: 'bbbbbbbbbbbb-00000000', sha: newSha },
    target: {
      platform: 'vps',
      hosts: [host('deploy@one:22')],
      identity: null,
      directory: '/srv/gateway',
      service: 'gateway',
      sudo: false,
      repository: 'http://127.0.0.1/gateway.git',
      prepare: null,
      prepareMs: 600_000,
      health: 'http://127.0.0.1:18789/healthz',
      version: null,
      heartbeat: null,
      environmentFile: null,
      requiredVariables: [],
    },
    live: [hostState('deploy@one:22', oldSha)],
    rollbackTarget: { id: 'aaaaaaaaaaaa-00000000', sha: oldSha },
    lastProven: null,
    steps: ['stage', 'switch', 'restart', 'verify'],
    rollbackSteps: ['rollback'],
    commits: [{ sha: newSha, title: 'Fix the queue', emails: ['alice@example.com'] }],
    authorship: 'github',
    commitsLeftOut: 0,
    rule: {
      required: 1,
      reasons: ['production needs a human'],
      eligible: ['bob'],
      notAlone: [],
      solo: 'off',
    },
    smoke: { auth: '/login', payments: 'n/a: nothing is sold', core: '/' },
    watch: {
      sources: [
        { name: 'probes', required: true, share: 0.5 },
        { name: 'error-log', required: false, share: 0.5 },
      ],
      plannedSamples: 180,
      onInconclusive: 'keep',
      accessLog: null,
      judge: judgeDefaults,
    },
    baseline: null,
    power: [],
    recall: { lastOutcome: null, lastSha: null, openIncidents: [] },
    timing: timing(1),
    slack: { deployments: '#deployments', incidents: '#incidents' },
    github: 'acme/gateway',
    branch: 'main',
    revert: 'push',
    ownsBranch: true,
    plannedAt: '2026-01-01T00:00:00.000Z',
    notAfter: '2026-01-01T02:00:00.000Z',
    ...changes,
  };
  return plan as PlanOn<VpsTarget>;
}

/** A plan that has every field. A new field of the plan does not compile until it is here. */
export const wholePlan: Required<Omit<Plan, 'warrant'>> = {
  ...planFor(),
  noReturn: 'a migration',
  late: true,
  ci: { repository: 'acme/shop', run: '77', job: 'deploy' },
  forwardOnly: 'db/migrate/1.sql',
  lastProven: { id: 'aaaaaaaaaaaa-00000000', sha: oldSha, platformId: 'dpl_1' },
  commits: [
    {
      ...{ sha: newSha, title: 'Fix the queue', emails: ['alice@example.com'] },
      pull: { number: 12, title: 'Mend the queue', author: 'alice' },
    },
  ],
  files: [{ kind: 'code', files: 2, names: ['src/queue.ts', 'src/worker.ts'] }],
  compare: `https://github.com/acme/gateway/compare/${oldSha}...${newSha}`,
  baseline: { errors: 3, requests: 900, phi: 1.2, tau: 0.15, of: oldSha, unread: [1, 900] },
  warnings: ['live was sick'],
  dependencies: [{ url: 'https://pay.example', ok: true, detail: '200' }],
  power: ['12 % of errors is seen within 5 min.'],
  recall: { lastOutcome: 'rolled-back', lastSha: oldSha, openIncidents: ['incident-1'] },
  pages: ['webhook'],
  paths: ['apps/shop'],
  budget: {
    ...{ agent: 'casey', estimate: 100_000 },
    limits: { day: 20, month: 1000, task: 5, agent: 10 },
  },
  audit: true,
  after: 'staging',
  freezeWindows: [{ name: 'the weekend', from: 1, to: 2 }],
  stopped: { key: 'stop/1', by: 'bob', reason: 'calm', at: '2026-01-01T00:00:00.000Z' },
  redeploysPrevious: true,
  seal: 'the seal of a worker',
};

export const openGate = (gate: GateName, checkedAt: string): GateReport => ({
  gate,
  open: true,
  reasons: ['as it should be'],
  checkedAt,
});

export const sample = (
  at: number,
  probe: 0 | 1 | null,
  log: [number, number] | null = null,
): Sample => ({
  at,
  probe,
  log,
});
