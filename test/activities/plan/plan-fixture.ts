import type { Plan, PlanOn } from '../../../domain/deploy/plan.ts';
import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { timing } from '../../../domain/deploy/timing.ts';

/** A small plan. `given` replaces the fields that a test needs. */
export const planFor = (given: Partial<Plan> & { repository?: string }): PlanOn<VpsTarget> => {
  const { repository, ...over } = given;
  const sha = over.sha ?? 'b'.repeat(40);
  const plan = {
    deployId: 'deploy-1',
    project: 'shop',
    environment: 'production',
    ref: 'main',
    sha,
    requestedBy: 'ada',
    reason: 'a new basket',
    priority: 'normal',
    release: { id: `${sha.slice(0, 12)}-0a1b2c3d`, sha },
    target: {
      platform: 'vps',
      hosts: [],
      identity: null,
      directory: '/srv/shop',
      service: 'shop',
      sudo: false,
      repository: repository ?? 'https://git.example.test/acme/shop.git',
      prepare: null,
      prepareMs: 60_000,
      health: 'http://127.0.0.1:8080/healthz',
      version: null,
      heartbeat: null,
      environmentFile: null,
      requiredVariables: [],
    },
    live: [],
    rollbackTarget: null,
    lastProven: null,
    steps: ['stage, switch and restart deploy@web-1:22'],
    rollbackSteps: ['make the release before live on deploy@web-1:22'],
    commits: [],
    commitsLeftOut: 0,
    rule: { required: 1, reasons: ['production'], eligible: ['ada', 'bo'], solo: 'off' },
    smoke: { auth: '/login', payments: 'n/a: no payments', core: '/' },
    watch: { sources: [], plannedSamples: 180, onInconclusive: 'keep', accessLog: null },
    baseline: null,
    power: [],
    recall: { lastOutcome: null, lastSha: null, openIncidents: [] },
    timing: timing(1),
    slack: null,
    github: 'acme/shop',
    branch: 'main',
    revert: 'push',
    ownsBranch: true,
    plannedAt: '2026-11-24T06:00:00.000Z',
    notAfter: '2026-11-24T08:00:00.000Z',
    ...over,
  };
  return plan as unknown as PlanOn<VpsTarget>;
};
