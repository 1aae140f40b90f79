import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { DeployStatus, AvailableAction, Next, Plan } from '../../domain/deploy/plan.ts';
import { judgeDecision } from '../../domain/approval/approval.ts';
import { signals } from '../../domain/actions/available-actions.ts';
import type { SignedDecision } from '../../domain/config/config.ts';
import { planFor } from './plan.ts';
import { runDeploy } from './saga.ts';
import type { Handle } from './saga.ts';
import { newer } from './real-server.ts';

export type TestServer = { env: TestWorkflowEnvironment; code: WorkflowBundleOption };
export type Verb = AvailableAction['verb'];

const minute = 60_000;
const down = async () => {
  throw ApplicationFailure.nonRetryable('this test makes the activity fail', failures.unavailable);
};

/**
 * Slack and GitHub are down during the whole deploy. Every deploy must be able to end without them.
 */
const nobodyHears: Partial<PlainActivities> = {
  ...{ notify: down, askApprovers: down, setDeadMansSwitch: down, clearDeadMansSwitch: down },
  ...{ recordDeployment: down, closeIssues: down, revertMain: down, reopenIssues: down },
};

/**
 * A state in which a deploy waits (`at`), and how the deploy gets there (`plan`, `reach`).
 * `changes` replaces activities. An activity that calls `broken` fails until the test calls `mend`.
 */
export type Scene = {
  name: string;
  plan?: Partial<Plan>;
  changes?: (
    broken: <T>(well: T) => Promise<T>,
    testServer: TestServer,
  ) => Partial<PlainActivities>;
  reach?: (it: Walk) => Promise<unknown>;
  at: (status: DeployStatus) => boolean;
};

export type Walk = {
  testServer: TestServer;
  handle: Handle;
  status: () => Promise<DeployStatus>;
  send: (verb: Verb, who?: string) => Promise<void>;
  mend: () => void;
  /** How often the broken activity was called. */
  tries: () => number;
  until: (at: (status: DeployStatus) => boolean) => Promise<DeployStatus>;
};

const outcomes = ['succeeded', 'unproven', 'gate-closed', 'rejected', 'expired', 'aborted'];
const ends = new Set([
  ...outcomes,
  'rolled-back',
  'rolled-back-still-failing',
  'rollback-failed',
  'rollback-not-approved',
]);

/** The state that followed `before`; null = the deploy has not left the state `before`. */
export function wentTo(before: DeployStatus, now: DeployStatus): Next | null {
  const entry = now.timeline?.[before.timeline?.length ?? 0]?.what;
  if (entry === undefined) return now.outcome && !now.stuck ? `closed: ${now.outcome}` : null;
  if (entry.startsWith('stuck: ')) return 'stuck';
  return (ends.has(entry) ? `closed: ${entry}` : entry) as Next;
}

let sent = 0;
const approvers = ['bob', 'cleo', 'eve'];

/** A decision by `approver`. The signature is fake, but `rulesOn` accepts every signature. */
function decisionOf(verb: Verb, approver: string, status: DeployStatus, now: number) {
  const { plan, digest } = status.sealed ?? { plan: planFor(), digest: '' };
  const { deployId, project, environment, sha, notAfter } = plan;
  const asked = status.phase === 'decision' || status.phase === 'awaiting-rollback-approval';
  const keeps = verb === 'keep' || (verb === 'reject' && asked);
  const decision = {
    ...{ deployId, project, environment, sha, approver, subjectDigest: digest },
    subject: keeps ? 'keep' : plan.rollbackTarget ? 'deploy' : 'first',
    decision: verb === 'reject' ? 'reject' : 'approve',
    nonce: String((sent += 1)).padStart(32, '0'),
    notAfter: keeps ? new Date(now + minute).toISOString() : notAfter,
  };
  return { decision, signature: 'fake' } as SignedDecision;
}

const rulesOn =
  ({ env }: TestServer): PlainActivities['ruleOnDecision'] =>
  async ({ sealed, signed, earlier, subject: asked }) => {
    const { decision } = signed as SignedDecision;
    const now = new Date(await env.currentTimeMs()).toISOString();
    const signature = { ok: true, keyType: 'ed25519', touch: true } as const;
    const people = { approvers, requesters: [] };
    const judged = judgeDecision({ sealed, decision, signature, earlier, now, people, asked });
    const { approver, nonce } = decision;
    return { ...judged, decision: decision.decision, approver, nonce, at: now };
  };

async function letterOf(verb: Verb, who: string, it: Pick<Walk, 'testServer' | 'status'>) {
  if (signals[verb] === 'decide')
    return [decisionOf(verb, who, await it.status(), await it.testServer.env.currentTimeMs())];
  if (verb === 'flag') return [{ text: 'nobody can pay', who }];
  return verb === 'deploy' ? [newer('c')] : [];
}

/** `broken` makes an activity fail until `mend` is called. `tries` returns the number of calls. */
function breakage() {
  let [broken, count] = [true, 0];
  return {
    broken: async <T>(well: T): Promise<T> => {
      count += 1;
      return broken ? await down() : well;
    },
    mend: () => void (broken = false),
    tries: () => count,
  };
}

/**
 * Runs the real deploy workflow to the state of the scene, then calls `act` and returns its result.
 */
export async function walk<T>(
  testServer: TestServer,
  scene: Scene,
  act: (it: Walk) => Promise<T>,
): Promise<T> {
  const { broken, mend, tries } = breakage();
  let found: T | undefined;
  const changes: Partial<PlainActivities> = {
    ...nobodyHears,
    ruleOnDecision: rulesOn(testServer),
    planDeploy: async () => {
      const notAfter = new Date(
        (await testServer.env.currentTimeMs()) + 120 * minute,
      ).toISOString();
      return planFor({ notAfter, ...scene.plan });
    },
    ...scene.changes?.(broken, testServer),
  };
  await runDeploy(testServer.env, testServer.code, changes, async (handle) => {
    const status = () => handle.query<DeployStatus>('status');
    const until = (at: (now: DeployStatus) => boolean) => untilIs(status, at);
    const send: Walk['send'] = async (verb, who = 'bob') => {
      await handle.signal(signals[verb], ...(await letterOf(verb, who, { testServer, status })));
    };
    const it = { testServer, handle, status, send, mend, tries, until };
    await until(({ phase }) => phase !== 'planning' && phase !== 'preflight');
    await scene.reach?.(it);
    await until(scene.at);
    found = await act(it);
    mend();
    await goHome(it);
  });
  return found as T;
}

/**
 * Ends a deploy that would wait long for a person: retries a stuck step, or aborts the deploy in
 * the phase awaiting-rollback-approval. In other phases an activity may be running, and the test
 * server can lose an activity that an abort interrupts.
 */
async function goHome({ status, send }: Walk) {
  const { phase, stuck } = await status();
  if (stuck) await send('retry').catch(() => {});
  if (phase === 'awaiting-rollback-approval') await send('abort').catch(() => {});
}

async function untilIs(status: Walk['status'], at: (now: DeployStatus) => boolean) {
  let now = await status();
  for (let tries = 0; tries < 400 && !at(now); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    now = await status();
  }
  if (!at(now)) throw new Error(`the deploy is still in phase ${now.phase} after 400 queries`);
  return now;
}
