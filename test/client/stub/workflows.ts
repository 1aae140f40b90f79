import {
  ApplicationFailure,
  condition,
  proxyActivities,
  setHandler,
  defineQuery,
  defineSignal,
  makeContinueAsNewFunc,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import {
  messages,
  planMemoKey,
  reportMemoKey,
  requestMemoKey,
} from '../../../domain/deploy/wire.ts';
import { firstLine } from '../../../domain/messages/status.ts';
import type {
  LiftInput,
  ReleasesInput,
  ReleasesReport,
  StopInput,
  WaiveInput,
} from '../../../domain/contract/activities.ts';
import type {
  DeployReport,
  DeployStatus,
  Outcome,
  Phase,
  ReconcileReport,
  Ruling,
  SealedPlan,
} from '../../../domain/deploy/plan.ts';
import type { SignedDecision, SignedRequest } from '../../../domain/config/config.ts';
import { openGate, planFor } from '../../support/plan.ts';

type Sealing = { sealPlan(input: Omit<SealedPlan, 'digest'>): Promise<SealedPlan> };
const { sealPlan } = proxyActivities<Sealing>({ startToCloseTimeout: '10 seconds' });

const phases: Record<string, Phase> = {
  watching: 'watch',
  broken: 'rollback',
  'awaiting-rollback-approval': 'awaiting-rollback-approval',
  settling: 'closed',
};

/**
 * A stub of the deploy workflow, with only the parts that clients see. The text in `reason` of the
 * request chooses the outcome.
 */
export async function deploy({ request }: SignedRequest): Promise<DeployReport> {
  const { project, environment, reason } = request;
  if (reason === 'refused')
    throw ApplicationFailure.nonRetryable("The signature is not alice's.", 'Refused');
  const sealed = await plan({ request, signature: '' });
  const phase = phases[reason] ?? 'approval';
  const known: DeployStatus = {
    ...{ deployId: sealed.plan.deployId, project, environment, phase },
    since: new Date().toISOString(),
    ...{ liveNow: '', waitingFor: '', doThis: '', sealed, gates: sealed.gates, rulings: [] },
    ...{ smoke: null, watch: null, stuck: null, cause: null, outcome: null },
  };
  const orders: string[] = [];
  setHandler(defineQuery<DeployStatus>(messages.status), () => ({ ...known, ...firstLine(known) }));
  for (const order of [messages.retry, messages.rollback, messages.abort])
    setHandler(defineSignal(order), () => void orders.push(order));
  setHandler(defineSignal<[SignedDecision]>(messages.decide), ({ decision }) => {
    const { approver, nonce, decision: said } = decision;
    const counted = approver === 'bob';
    const why = counted ? `${approver} says ${said}` : `${approver} is not a configured approver`;
    const verdict = counted ? 'counted' : 'void';
    const at = new Date().toISOString();
    known.rulings.push({ verdict, decision: said, approver, why, nonce, at, touch: false });
  });
  upsertMemo({ [planMemoKey]: sealed });
  setHandler(defineSignal<[{ text: string; who: string }]>(messages.flag), (flag) => {
    known.flags = [...(known.flags ?? []), { ...flag, at: known.since }];
  });
  upsertSearchAttributes({ PlimsollPhase: [phase] });
  if (reason === 'broken') {
    await condition(() => false, 1);
    throw new Error('a fault of the workflow code');
  }
  const next: SignedRequest[] = [];
  setHandler(defineSignal<[SignedRequest]>(messages.supersede), (signed) => {
    const { requestedBy, nonce, reason: why } = signed.request;
    if (why === 'newer') return void next.push(signed);
    const apart = why === 'another branch' ? ({ maySupersede: true } as const) : {};
    const same = why === 'again' ? ({ alreadyWaits: true } as const) : {};
    const words = { verdict: 'refused', why: `it asks for "${why}"`, requestedBy, nonce } as const;
    known.requests = [
      ...(known.requests ?? []),
      { ...words, sha: null, at: known.since, ...apart, ...same },
    ];
  });
  const ruled = () => known.rulings.some(({ verdict }) => verdict === 'counted');
  if (phase === 'closed') await condition(() => false, '3 seconds');
  else
    await condition(() => next.length > 0 || ruled() || orders.some((order) => order !== 'retry'));
  if (next[0]) await handOver(sealed, next[0]);
  if (ruled()) await condition(() => false, '2 seconds');
  const outcome = (phase === 'closed' ? 'gate-closed' : ruled() ? reason : 'aborted') as Outcome;
  Object.assign(known, { phase: 'closed', outcome });
  return {
    ...{ deployId: sealed.plan.deployId, project, environment, platform: 'vps' },
    ...{ sha: sealed.plan.sha, outcome, reasons: [`asked for ${reason}`], touched: ruled() },
  };
}

async function handOver(
  { plan: { deployId, project, environment, sha } }: SealedPlan,
  next: SignedRequest,
) {
  const { requestedBy, nonce } = next.request;
  const replacedBy = { deployId: 'd-next', requestedBy, sha: 'c'.repeat(40) };
  const words = { deployId, project, environment, sha, platform: 'vps', touched: false } as const;
  const reasons = [
    `replaced by d-next of ${requestedBy} (ccccccc), and production was not touched`,
  ];
  const report: DeployReport = { ...words, outcome: 'aborted', reasons, replacedBy };
  upsertMemo({ [reportMemoKey]: report });
  await makeContinueAsNewFunc<typeof deploy>({ memo: { [requestMemoKey]: nonce } })({
    ...next,
    request: { ...next.request, reason: 'succeeded' },
  });
}

export async function plan({ request }: SignedRequest): Promise<SealedPlan> {
  const { project, environment, reason, requestedBy } = request;
  const notAfter = new Date(Date.now() + (reason === 'late' ? 1 : 7_200_000)).toISOString();
  const solo = reason === 'solo' ? 'file-key' : 'off';
  const { rule } = planFor();
  const words = { project, environment, reason, requestedBy, notAfter };
  const gates = [
    { ...openGate('tests', new Date().toISOString()), open: reason !== 'closed gate' },
  ];
  const sealed = await sealPlan({ plan: planFor({ ...words, rule: { ...rule, solo } }), gates });
  return reason === 'forged' ? { ...sealed, digest: 'f'.repeat(64) } : sealed;
}

/** The quarantine of a commit "bbb…" in production. Only bob may lift it. */
const quarantined = {
  ...{ seq: 1, at: '2026-01-01T00:00:00.000Z', key: 'q', hash: 'h', kind: 'quarantine' },
  ...{ deployId: 'd-1', project: 'shop', environment: 'production' },
  body: { sha: 'b'.repeat(40), why: 'it lost\ncarts' },
};

export async function lift({ signed, reason }: LiftInput): Promise<Ruling> {
  const { approver, nonce } = (signed as SignedDecision).decision;
  const counted = approver === 'bob' && reason !== '';
  const why = counted ? `${approver} lifts it` : `${approver} is not a configured approver`;
  const words = { decision: 'approve' as const, approver, why, nonce, touch: false };
  return { ...words, verdict: counted ? 'counted' : 'void', at: '2026-01-01T00:00:00.000Z' };
}

/** The release "bbb…" is live. The environment chooses what a rollback would do. */
export async function releases({ environment, to }: ReleasesInput): Promise<ReleasesReport> {
  const [live, older] = ['b'.repeat(40), 'a'.repeat(40)];
  const why = `${environment} cannot go to ${to ?? 'anything'}`;
  return {
    live: [{ host: 'one', sha: live, healthy: false }],
    silent: [{ host: 'two', why: 'no route' }],
    releases: [
      { sha: older, provenAt: '2026-01-01T00:00:00.000Z' },
      { sha: 'c'.repeat(40), provenAt: '2025-12-01T00:00:00.000Z', forwardOnly: 'db/1.sql' },
    ],
    next:
      environment === 'back'
        ? { kind: 'nothing', why: 'It was rolled back before.' }
        : environment === 'none'
          ? { kind: 'impossible', why }
          : { kind: 'rollback', from: live, to: older },
  };
}

/** Rolls back at once. The text in `reason` of the request chooses the outcome. */
export async function lateRollback({ request }: SignedRequest): Promise<DeployReport> {
  const { project, environment, reason, ref, blame } = request;
  if (reason === 'refused') throw ApplicationFailure.nonRetryable('It is gone.', 'Refused');
  const reasons = [`${reason}, to ${ref.slice(0, 7)}${blame ? ', with blame' : ''}`];
  const known = { deployId: 'd-1', project, environment, platform: 'vps', reasons } as const;
  return { ...known, sha: 'b'.repeat(40), outcome: 'rolled-back', touched: true };
}

export async function waive({ signed, finding, reason, until }: WaiveInput): Promise<Ruling> {
  const { approver, nonce } = (signed as SignedDecision).decision;
  const counted = approver === 'bob';
  const why = counted
    ? `${approver} waives ${finding} until ${until} (${reason})`
    : `${approver} is not a configured approver`;
  const words = { decision: 'approve' as const, approver, why, nonce, touch: false };
  return { ...words, verdict: counted ? 'counted' : 'void', at: '2026-01-01T00:00:00.000Z' };
}

const stops = [
  { ...{ kind: 'stopped', key: 'stop/1', at: '2026-01-01T00:00:00.000Z' }, body: { by: 'ci' } },
];

export async function stopLine({ signed, reason, lift }: StopInput): Promise<Ruling> {
  const { approver, nonce, deployId: stop } = (signed as SignedDecision).decision;
  const done = lift ? `lifts ${stop} (${reason})` : `stops the line: "${reason}"`;
  const not = lift ? 'is no approver' : 'is neither a configured approver nor a requester';
  const counted = approver === 'bob';
  const why = `${approver} ${counted ? done : not}`;
  const words = { decision: 'approve' as const, approver, why, nonce, touch: false };
  return { ...words, verdict: counted ? 'counted' : 'void', at: '2026-01-01T00:00:00.000Z' };
}

export async function history(query: { limit: number; kinds?: string[] }) {
  if (query.kinds?.includes('quarantine')) return [quarantined];
  if (query.kinds?.includes('stopped')) return stops;
  const body = { outcome: 'succeeded', limit: query.limit };
  const words = { kind: 'closed', project: 'shop', environment: 'production' };
  return [{ ...{ seq: 1, at: '2026-01-01T00:00:00.000Z', key: 'k', hash: 'h' }, ...words, body }];
}

/** Reconciles every deploy of `shop`: the place "two" was rolled back. */
export async function reconcile({ project }: { project?: string }): Promise<ReconcileReport> {
  if (project !== 'shop') return { deploys: [] };
  const deploy = { deployId: 'd-1', project, environment: 'two', sha: 'b'.repeat(40) };
  const how = 'was terminated';
  return { deploys: [{ ...deploy, how, outcome: 'rolled-back', detail: 'rolled back from two' }] };
}

export async function verifyLedger() {
  return { ok: false, seq: 2, why: 'row 2 ("b") was changed after it was written', verified: 1 };
}

export async function registry(): Promise<void> {
  await condition(() => false);
}
