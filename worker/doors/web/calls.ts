import { liftDigest, stopDigest, waiveDigest } from '../../../activities/lib/seal-digest.ts';
import { mayUse } from '../../../domain/approval/project-rights.ts';
import type { Config, SignedDecision } from '../../../domain/config/config.ts';
import type { ReadLedger } from '../../../domain/contract/activities.ts';
import type { OpenOrder, Run, Session, Task } from '../../../domain/contract/session.ts';
import type { SealedPlan } from '../../../domain/deploy/plan.ts';
import type { Place } from '../../../domain/deploy/snapshot.ts';
import { namespaces } from '../../../domain/deploy/wire.ts';
import { door } from '../../../domain/messages/door.ts';
import { nothingToRecover, recoverReason } from '../../../domain/messages/failing-tasks.ts';
import type { CallName, Input } from './inputs.ts';
import { Refusal } from './refusal.ts';
import type { Tokens } from './tokens.ts';
import { mostTries } from './verify.ts';
import type { Verifier } from './verify.ts';

export type CallDeps = {
  config: () => Config;
  session: Session;
  taskQueue: string;
  verify: Verifier;
  tokens: Tokens;
  /**
   * Returns null if a worker sealed this plan. Otherwise, returns the reason why the plan is not
   * sealed.
   */
  whyNotSealed: (sealed: SealedPlan) => string | null;
  now: () => number;
};
type Work<N extends CallName> = (input: Input<N>, caller: string) => Promise<unknown>;
export type Calls = { [N in Exclude<CallName, 'login'>]: Work<N> };

/**
 * The longest time that one call waits, in milliseconds. The client repeats the call until the
 * client's own time limit.
 */
const longestMs = 20_000;
const taskMs = 15 * 60_000;

/**
 * The calls that write to Temporal. Each of them carries a signature. Their rate limit is stricter
 * than the limit of the other calls.
 */
export const writes: ReadonlySet<string> = new Set([
  'start',
  'rollBack',
  'supersede',
  'decide',
  'order',
]);

/** Makes the calls of the door. `caller` is the person of the session. */
export function createCalls(deps: CallDeps): Calls {
  const { config, session, taskQueue, verify, tokens, now } = deps;
  const allowed = (caller: string, project: string) => {
    if (!mayUse(config(), caller, project))
      throw new Refusal('no-right', door.noRight(caller, project));
  };
  const every = (caller: string) => {
    if (!mayUse(config(), caller, null)) throw new Refusal('no-right', door.ownProjects(caller));
  };
  /**
   * Refuses an approval if no worker made the plan. A person with access to Temporal can start a
   * workflow that shows any plan, so such a plan can exist.
   */
  const checkPlan = async (run: Run, { subjectDigest }: SignedDecision['decision']) => {
    const sealed = (await session.deploy(run.place, run.runId))?.sealed ?? null;
    if (sealed?.digest !== subjectDigest) throw new Refusal('not-now', door.otherPlan);
    const why = deps.whyNotSealed(sealed);
    if (why !== null) throw new Refusal('not-now', door.notSealed(why));
  };
  const bounded = (ms: number) => Math.min(ms, longestMs);
  const begin = beginner(deps, { allowed, every });
  return {
    registry: async (_, caller) => {
      const known = await session.registry();
      if (!known) return null;
      const own = <T>(all: Record<string, T>): Record<string, T> =>
        Object.fromEntries(
          Object.entries(all).filter(([project]) => mayUse(config(), caller, project)),
        );
      const branches = known.branches && { branches: own(known.branches) };
      return { ...known, projects: own(known.projects), ...branches };
    },
    // Only the queues of workers are shown, not other queues of the namespace.
    lastPoll: async ({ taskQueue: queue }) =>
      queue === taskQueue || queue.startsWith('plimsoll-') ? await session.lastPoll(queue) : 0,
    deploy: ({ place, runId }, caller) => {
      allowed(caller, place.project);
      return session.deploy(place, runId);
    },
    status: ({ place, runId, ms }, caller) => {
      allowed(caller, place.project);
      return session.status({ place, runId }, bounded(ms));
    },
    heir: (run, caller) => {
      allowed(caller, run.place.project);
      return session.heir(run);
    },
    end: (run, caller) => {
      allowed(caller, run.place.project);
      return session.end(run);
    },
    aftermath: async ({ place, runId, deployId, ms }, caller) => {
      allowed(caller, place.project);
      const end = await session.end({ place, runId });
      if (!('report' in end) || end.report.deployId !== deployId) return null;
      return await session.aftermath({ place, runId, deployId }, bounded(ms));
    },
    start: async ({ signed }, caller) => {
      const { project } = await verify.request(signed, caller, { most: mostTries });
      allowed(caller, project);
      const runId = await session.start(taskQueue, signed);
      if (runId !== null) verify.spend(signed);
      return runId;
    },
    rollBack: async ({ signed }, caller) => {
      const namespace = namespaces.rollback;
      const { project } = await verify.request(signed, caller, { namespace, most: mostTries });
      allowed(caller, project);
      const runId = await session.rollBack(taskQueue, signed);
      if (runId !== null) verify.spend(signed);
      return runId;
    },
    supersede: async ({ place, runId, signed }, caller) => {
      const request = await verify.request(signed, caller, { most: mostTries });
      allowed(caller, request.project);
      if (!isAbout(request, place)) throw new Refusal('bad-shape', door.otherPlace);
      return await session.supersede({ place, runId }, signed);
    },
    decide: async ({ place, runId, signed }, caller) => {
      const { decision } = signed;
      if (!isAbout(decision, place) || !['deploy', 'first', 'keep'].includes(decision.subject))
        throw new Refusal('bad-shape', door.otherPlace);
      await verify.decision(signed, caller);
      allowed(caller, place.project);
      if (decision.decision === 'approve') await checkPlan({ place, runId }, decision);
      await session.decide({ place, runId }, signed);
    },
    order: async ({ signed }, caller) => {
      const order = await verify.order(signed, caller);
      if (order.order === 'reconcile' || order.order === 'closeIncident')
        throw new Refusal('bad-shape', door.badShape(order.order));
      const { project, environment, runId } = order;
      allowed(caller, project);
      const run = { place: { project, environment }, runId };
      return await session.order(run, await openOrder(session, run, order));
    },
    begin: async (input, caller) => {
      const ref = await session.begin(taskQueue, await begin(input, caller));
      const ticket = tokens.issue({ use: 'ticket', name: caller, ...ref, until: now() + taskMs });
      return { id: ticket, workflowId: ref.workflowId };
    },
    taskEnd: async ({ ticket, ms }, caller) => {
      const ref = tokens.ticket(ticket);
      if (!ref || ref.name !== caller) throw new Refusal('no-right', door.noSession);
      return await session.taskEnd({ id: ref.id, workflowId: ref.workflowId }, bounded(ms));
    },
  };
}

const isAbout = (it: Place, { project, environment }: Place) =>
  it.project === project && it.environment === environment;

type Signed = Exclude<
  Awaited<ReturnType<Verifier['order']>>,
  { order: 'reconcile' } | { order: 'closeIncident' }
>;

async function openOrder(session: Session, run: Run, order: Signed): Promise<OpenOrder> {
  if (order.order === 'flag') return { order: 'flag', text: order.text, who: order.by };
  if (order.order !== 'recover') return { order: order.order };
  const snapshot = await session.deploy(run.place, run.runId);
  if (!snapshot?.running) throw new Refusal('not-now', door.closed);
  if (!snapshot.failing) throw new Refusal('not-now', nothingToRecover(run.place, snapshot));
  return { order: 'recover', reason: recoverReason(snapshot.failing) };
}

type Rights = {
  allowed: (caller: string, project: string) => void;
  every: (caller: string) => void;
};

/** Makes the function that verifies the input of a task. The function returns the task to start. */
function beginner({ verify }: CallDeps, { allowed, every }: Rights) {
  const decided = async (
    signed: SignedDecision,
    caller: string,
    { subject, digest }: { subject: SignedDecision['decision']['subject']; digest: string },
  ) => {
    const { decision } = signed;
    if (decision.subject !== subject || decision.subjectDigest !== digest)
      throw new Refusal('bad-signature', door.otherWords('decision'));
    await verify.decision(signed, caller, { free: subject === 'stop' });
    if (subject === 'stop' || subject === 'resume') every(caller);
    else allowed(caller, decision.project);
  };
  return async (it: Input<'begin'>, caller: string): Promise<Task> => {
    switch (it.task) {
      case 'plan':
      case 'adopt': {
        const { project } = await verify.request(it.input, caller, {
          namespace: namespaces[it.task],
        });
        allowed(caller, project);
        return it;
      }
      case 'lift': {
        const { signed, reason } = it.input;
        const digest = liftDigest({ ...signed.decision, reason });
        await decided(signed, caller, { subject: 'lift', digest });
        return it;
      }
      case 'waive': {
        const { signed, ...about } = it.input;
        const { project, environment } = signed.decision;
        const digest = waiveDigest({ project, environment, ...about });
        await decided(signed, caller, { subject: 'waive', digest });
        return it;
      }
      case 'stopLine': {
        const { signed, reason, lift } = it.input;
        const subject = lift ? 'resume' : 'stop';
        const digest = stopDigest({ subject, stop: signed.decision.deployId, reason });
        await decided(signed, caller, { subject, digest });
        return { task: 'stopLine', input: { signed, reason, ...(lift ? { lift } : {}) } };
      }
      case 'reconcile': {
        const order = await verify.order(it.input, caller);
        if (order.order !== 'reconcile') throw new Refusal('bad-shape', door.otherWords('order'));
        if (order.project === undefined) every(caller);
        else allowed(caller, order.project);
        const { project } = order;
        return { task: 'reconcile', input: project === undefined ? {} : { project } };
      }
      case 'closeIncident': {
        const order = await verify.order(it.input, caller);
        if (order.order !== 'closeIncident')
          throw new Refusal('bad-shape', door.otherWords('order'));
        every(caller);
        const { incident, note, by } = order;
        return { task: 'closeIncident', input: { incident, by, note } };
      }
      case 'history': {
        const { project } = it.input;
        if (project === undefined) every(caller);
        else allowed(caller, project);
        return { task: 'history', input: it.input as ReadLedger };
      }
      case 'releases': {
        const { project, environment, to } = it.input;
        allowed(caller, project);
        const input = { project, environment, ...(to === undefined ? {} : { to }) };
        return { task: 'releases', input };
      }
      case 'budget':
      case 'verifyLedger':
        every(caller);
        return it;
    }
  };
}
