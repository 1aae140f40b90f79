import type { Activities, Entry } from '../../domain/contract/activities.ts';
import type { EndedDeploy, SealedEnd } from '../../domain/contract/end.ts';
import type { Cause, Moment, Outcome, Plan, Warrant } from '../../domain/deploy/plan.ts';
import { deployId as workflowIdOf } from '../../domain/deploy/wire.ts';
import { notServed, notSureWhy } from '../../domain/messages/end.ts';
import { doubtfulEndPage, pageForEnd } from '../../domain/messages/page.ts';
import { isAfterRollback } from '../../domain/rollback/lost.ts';
import { available } from '../approval/ruling.ts';
import { appendWithRetries } from '../ledger/append-with-retries.ts';
import type { Ledger } from '../ledger/types.ts';
import { effect } from '../lib/effect.ts';
import { hasEnded } from '../records/reconcile.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { whyNoProof } from './evidence.ts';
import { rollingBackKey } from './forward.ts';
import type { GuardDeps } from './guard-types.ts';
import { tellPeople, type LoudDeps } from './loud.ts';
import { lookAt, servesTarget } from './production.ts';
import { endBody } from './seal-end.ts';
import { refused, vouchedBy } from './warrant.ts';

type Deps = GuardDeps & LoudDeps & { ledger: Ledger };
type Asked = { plan: Plan; warrant: Warrant; released: Entry };

/**
 * Makes the activity that records the end of a deploy after its rollback phase. The activity compares
 * the sealed end with production. If they differ, it records another end, or pages people.
 */
export const createClose = (deps: Deps): Pick<Activities, 'closeAfterRollback'> => ({
  closeAfterRollback: effect('closeAfterRollback', ({ deployId, end }) =>
    withHeartbeat(async () => {
      const asked = await recorded(deps, String(deployId));
      const before = await closedOf(deps, asked);
      if (before) return before;
      const { outcome, cause, timeline, paged } = await checked(deps, asked, end);
      const { project, environment, sha, release } = asked.plan;
      await appendWithRetries(deps.ledger)({
        kind: 'closed',
        key: closedKey(asked.warrant),
        ...{ deployId: asked.plan.deployId, project, environment },
        body: { outcome, reasons: [cause.detail], sha, release, cause, timeline, paged },
      });
      return (await closedOf(deps, asked)) as EndedDeploy;
    }),
  ),
});

const closedKey = ({ deploy }: Warrant) => `${deploy.deployId}/closed`;

async function recorded({ ledger, seals }: Deps, deployId: string): Promise<Asked> {
  const released = await available(ledger.find(`${deployId}/released`));
  if (!released) throw refused('the ledger does not know that this deploy changed production');
  const plan = released.body['plan'] as Plan;
  const warrant = vouchedBy(seals, plan);
  if (warrant.deploy.deployId !== deployId)
    throw refused('the ledger has the plan of another deploy');
  return { plan, warrant, released };
}

/** Returns the end that the ledger has, or null if the deploy is open. */
async function closedOf({ ledger }: Deps, { plan, warrant }: Asked): Promise<EndedDeploy | null> {
  const entry = await available(ledger.find(closedKey(warrant)));
  if (!entry) return null;
  const { outcome, cause, timeline, paged } = entry.body as {
    outcome: Outcome;
    cause?: Cause;
    timeline?: Moment[];
    paged?: boolean;
  };
  if (!cause || !isAfterRollback(outcome))
    throw refused(`the ledger has another outcome of this deploy (${outcome})`);
  const rolledBackTo = outcome === 'rollback-not-approved' ? null : plan.rollbackTarget;
  return { plan, outcome, cause, timeline: timeline ?? [], rolledBackTo, paged: paged ?? false };
}

type End = Omit<SealedEnd, 'seal' | 'proof'>;

async function checked(deps: Deps, asked: Asked, end: SealedEnd | undefined): Promise<End> {
  const { plan, warrant } = asked;
  const why = end
    ? deps.seals.whyInvalid('evidence', endBody(warrant, end), end.seal)
    : 'the input has no end';
  if (!end || why) throw refused(`no worker sealed this end of the deploy: ${why}`);
  if (end.outcome !== 'rolled-back' && end.outcome !== 'rolled-back-still-failing') return end;
  await noMoreForward(deps, plan);
  if (await isNewerLive(deps, plan)) return end;
  const states = await lookAt(deps, plan);
  if (states && !servesTarget(plan, states)) {
    if (await isLost(deps, warrant))
      throw refused('this deploy has changed production, and its rollback is not done');
    const cause = { ...end.cause, detail: notServed(states, end.cause) };
    const ended = { ...end, outcome: 'rollback-failed' as const, cause };
    const page = pageForEnd(plan, ended);
    return { ...ended, paged: page !== null && (await tellPeople(deps, page)) };
  }
  if (end.outcome !== 'rolled-back') return end;
  const doubt = states
    ? whyNoProof(deps.seals, { warrant, proof: end.proof, since: asked.released.at })
    : notSureWhy.unread;
  if (!doubt) return end;
  return { ...end, paged: await tellPeople(deps, doubtfulEndPage(plan, end.outcome, doubt)) };
}

/**
 * Adds a ledger entry after which every forward effect is refused. So no forward effect changes
 * production while the worker reads it.
 */
async function noMoreForward({ ledger }: Deps, plan: Plan) {
  const { deployId, project, environment, sha } = plan;
  await appendWithRetries(ledger)({
    kind: 'rolling-back',
    key: rollingBackKey(plan),
    ...{ deployId, project, environment },
    body: { sha },
  });
}

/**
 * True if the run of the deploy has ended. If this run left its deploy open, the deploy stays open,
 * so that `reconcile` rolls it back.
 */
async function isLost({ executionOf }: Deps, { deploy, runId }: Warrant): Promise<boolean> {
  const id = workflowIdOf(deploy.project, deploy.environment);
  return executionOf !== undefined && hasEnded(await executionOf(id, runId));
}

/**
 * True if a newer deploy may have changed production. This can happen after an outage of the
 * ledger.
 */
async function isNewerLive({ ledger }: Deps, { project, environment, deployId }: Plan) {
  const asked = ledger.read({ project, environment, kinds: ['released'], limit: 1 });
  const [newest] = await available(asked);
  return newest !== undefined && newest.deployId !== deployId;
}
