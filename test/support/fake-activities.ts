import type { PlainActivities } from '../../domain/contract/activities.ts';
import type { HostStep } from '../../domain/platforms/vps/activities.ts';
import type { Plan, Ruling } from '../../domain/deploy/plan.ts';
import type { SignedDecision, SignedRequest } from '../../domain/config/config.ts';
import { fakeCloudflare } from './fake-cloudflare.ts';
import { fakeNorthflank } from './fake-northflank.ts';
import { fakeVercel } from './fake-vercel.ts';
import { hostState, openGate, planFor } from './plan.ts';
import { sitesOf } from '../../domain/platforms/sites.ts';

/**
 * The activities that a test replaces: an object, or a function that gets the fakes and may call
 * them.
 */
export type Changes =
  | Partial<PlainActivities>
  | ((fake: PlainActivities) => Partial<PlainActivities>);

/** A fake of every activity. `calls` lists the calls in order, each as a short sentence. */
export function fakeActivities(now: () => number, changes: Changes = {}) {
  const calls: string[] = [];
  const iso = () => new Date(now()).toISOString();
  const served = new Map<string, string>();
  const plans = new Map<string, Plan>();
  const state = (host: string) =>
    hostState(host, served.get(host) ?? planFor().rollbackTarget?.sha ?? '');
  const serve = (verb: string, { host, release }: HostStep) => {
    calls.push(`${verb} ${host.name} to ${release.sha.slice(0, 1)}`);
    served.set(host.name, release.sha);
    return hostState(host.name, release.sha);
  };
  const real: PlainActivities = {
    ...fakeVercel(calls),
    ...fakeCloudflare(calls),
    planDeploy: async () => {
      calls.push('plan');
      const expires = new Date(now() + planFor().timing.expireMs).toISOString();
      return planFor({ plannedAt: iso(), notAfter: expires });
    },
    planAdoption: async () => {
      throw new Error('planAdoption has no fake: pass one in `changes`');
    },
    planRollback: async ({ signed: { request } }) => {
      calls.push('plan the rollback');
      const blames = request.blame ? ('release' as const) : ('person' as const);
      const cause = { kind: 'rollback' as const, blames, detail: `alice: ${request.reason}` };
      return { plan: planFor({ late: true }), gates: [], digest: 'f'.repeat(64), cause };
    },
    allowRollback: async ({ sealed, signed }) => {
      calls.push(`allow the rollback by ${signed.map((one) => one.decision.approver).join()}`);
      return sealed;
    },
    readReleases: async () => {
      throw new Error('readReleases has no fake: pass one in `changes`');
    },
    readBranch: async () => {
      throw new Error('readBranch has no fake: pass one in `changes`');
    },
    signPush: async () => {
      throw new Error('signPush has no fake: pass one in `changes`');
    },
    weighRequest: async ({ signed, holder }) => {
      const { request } = signed as SignedRequest;
      const { requestedBy, reason, priority, nonce, ref, supersede = false } = request;
      calls.push(`weigh ${ref} of ${requestedBy}`);
      const relation = ref === holder.sha ? 'same' : 'newer';
      const words = { ref, sha: ref, requestedBy, reason, priority, nonce, supersede };
      return { ...words, deployId: `d-${nonce.slice(-12)}`, relation };
    },
    sealPlan: async ({ plan, gates }) => ({ plan, gates, digest: 'f'.repeat(64) }),
    checkTests: async () => openGate('tests', iso()),
    checkSecrets: async () => openGate('secrets', iso()),
    checkAudit: async () => openGate('audit', iso()),
    checkPlatform: async () => openGate('platform', iso()),
    checkBudget: async () => openGate('budget', iso()),
    tallyBudget: async () => {
      throw new Error('tallyBudget has no fake: pass one in `changes`');
    },
    dueAlerts: async () => [],
    checkPrevious: async () => openGate('previous', iso()),
    ruleOnDecision: async ({ signed }): Promise<Ruling> => {
      const { decision } = signed as SignedDecision;
      calls.push(`rule on ${decision.decision} by ${decision.approver}`);
      return {
        verdict: 'counted',
        decision: decision.decision,
        approver: decision.approver,
        why: 'a signature that counts',
        nonce: decision.nonce,
        at: iso(),
        touch: false,
      };
    },
    verifyApprovals: async () => void calls.push('verify the approvals'),
    declareRollback: async () => {},
    sealEnd: async ({ plan, ...end }) => {
      plans.set(plan.deployId, plan);
      return { ...end, paged: false, seal: 'the seal of a worker' };
    },
    closeAfterRollback: async ({ deployId, end: { outcome, cause, timeline } }) => {
      const plan = plans.get(deployId) ?? planFor();
      const { project, environment, sha, release } = plan;
      const body = { outcome, reasons: [cause.detail], sha, release };
      const entry = { kind: 'closed', key: `${deployId}/closed`, deployId } as const;
      await activities.append({ ...entry, project, environment, body });
      const rolledBackTo = outcome === 'rollback-not-approved' ? null : plan.rollbackTarget;
      return { plan, outcome, cause, timeline, rolledBackTo, paged: false };
    },
    stageRelease: async ({ host }) => {
      calls.push(`stage ${host.name}`);
      return { staged: 'done' };
    },
    switchRelease: async (step) => {
      serve('switch', step);
      return { switched: 'done', before: 'before' };
    },
    restartService: async ({ host }) => {
      calls.push(`restart ${host.name}`);
      return { restarted: 'done', invocationId: 'after' };
    },
    verifyHost: async ({ host }) => {
      calls.push(`verify ${host.name}`);
      return { ...state(host.name), process: { mainPid: 7, restarts: 0 } };
    },
    verifyStaysUp: async ({ host }) => state(host.name),
    rollBackHost: async (step) => serve('rollback', step),
    inspectHosts: async ({ target }) =>
      sitesOf(target).map(({ name }) => ({ ...state(name), id: `build-${state(name).sha?.[0]}` })),
    pruneReleases: async () => ({ removed: [] }),
    publishCommit: async ({ branch }) => {
      calls.push(`publish on ${branch}`);
      return { published: 'done' };
    },
    ...fakeNorthflank(calls, served),
    runSmoke: async () => {
      calls.push('smoke');
      return { ok: true, checks: [{ path: 'core', outcome: 'ok', detail: '200' }] };
    },
    proveServed: async () => {
      calls.push('prove what is served');
      return { requests: 80, problems: [], notChecked: [] };
    },
    takeSamples: async () => {
      calls.push('looks');
      return [];
    },
    measureBaseline: async () => null,
    probeDependencies: async ({ dependencies }) => {
      calls.push('ask the dependencies');
      return dependencies.map((url) => ({ url, ok: true, detail: '200' }));
    },
    probePreviousRelease: async () => {
      calls.push('ask the release before');
      return [];
    },
    append: async ({ kind }) => void calls.push(`record ${kind}`),
    readLedger: async () => [],
    verifyLedger: async () => ({
      ...{ ok: true, entries: 0, head: '0'.repeat(64), notSealed: 0, signers: [] },
      ...{ linked: null, tail: null, anchor: { state: 'off' } },
    }),
    notify: async ({ step }) => {
      calls.push(`notify ${step}`);
      return true;
    },
    askApprovers: async ({ reminder }) => {
      calls.push(reminder ? 'remind' : 'ask');
      return true;
    },
    showAnswers: async ({ standing }) => {
      calls.push(`show ${standing.open ? 'open' : 'closed'}: ${standing.why}`);
      return true;
    },
    closeIssues: async () => {
      calls.push('close issues');
      return { closed: [] };
    },
    revertMain: async () => {
      calls.push('revert main');
      return { sha: 'c'.repeat(40), note: 'reverted' };
    },
    reopenIssues: async () => {
      calls.push('reopen issues');
      return { reopened: [] };
    },
    liftQuarantine: async ({ signed }): Promise<Ruling> => {
      const { decision } = signed as SignedDecision;
      calls.push(`lift ${decision.sha.slice(0, 1)} by ${decision.approver}`);
      return {
        verdict: 'counted',
        decision: decision.decision,
        approver: decision.approver,
        why: 'lifted',
        nonce: decision.nonce,
        at: iso(),
        touch: false,
      };
    },
    waiveFinding: async () => {
      throw new Error('waiveFinding has no fake: pass one in `changes`');
    },
    stopLine: async () => {
      throw new Error('stopLine has no fake: pass one in `changes`');
    },
    resumeLine: async () => {
      throw new Error('resumeLine has no fake: pass one in `changes`');
    },
    diagnose: async () => ({ cause: 'unknown', evidence: [] }),
    page: async ({ step, title }) => {
      calls.push(`page ${step}: ${title}`);
      return { reached: ['webhook'], failed: [] };
    },
    setDeadMansSwitch: async () => {
      calls.push('sign of life');
      return true;
    },
    clearDeadMansSwitch: async () => {
      calls.push('stand down');
      return true;
    },
    recordDeployment: async ({ state }) => {
      calls.push(`deployment ${state}`);
      return true;
    },
    findLost: async () => [],
    freeLocks: async () => [],
    readLastDriftReport: async () => null,
    sealReturned: async () => null,
    readServed: async () => {
      throw new Error('readServed has no fake: pass one in `changes`');
    },
  };
  const changed = typeof changes === 'function' ? changes(real) : changes;
  const activities: PlainActivities = { ...real, ...changed };
  return { activities, changed, calls, served };
}
