import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { Activities } from '../../domain/activities.ts';
import { failures } from '../../domain/failures.ts';
import type { DeployStatus, Exit, Next, Plan } from '../../domain/plan.ts';
import { judgeDecision } from '../../domain/policy/approval.ts';
import { signals } from '../../domain/policy/exits.ts';
import type { SignedDecision } from '../../domain/schema.ts';
import { planFor } from './plan.ts';
import { sail } from './saga.ts';
import type { Handle } from './saga.ts';
import { newer } from './sea.ts';

export type Sea = { env: TestWorkflowEnvironment; code: WorkflowBundleOption };
export type Verb = Exit['verb'];

const minute = 60_000;
export const down = async () => {
  throw ApplicationFailure.nonRetryable('it is down', failures.unavailable);
};

/** Slack and GitHub are down for all of it: no exit may need them. */
const nobodyHears: Partial<Activities> = {
  ...{ say: down, askApprovers: down, giveSignOfLife: down, standDown: down },
  ...{ recordDeployment: down, closeIssues: down, revertMain: down, reopenIssues: down },
};

/** Where a deploy waits, how it gets there, and what is broken there until somebody mends it. */
export type Scene = {
  name: string;
  plan?: Partial<Plan>;
  changes?: (broken: <T>(well: T) => Promise<T>, sea: Sea) => Partial<Activities>;
  reach?: (it: Walk) => Promise<unknown>;
  at: (status: DeployStatus) => boolean;
};

export type Walk = {
  sea: Sea;
  handle: Handle;
  status: () => Promise<DeployStatus>;
  send: (verb: Verb, who?: string) => Promise<void>;
  mend: () => void;
  /** How often what is broken was tried. */
  tries: () => number;
  until: (at: (status: DeployStatus) => boolean) => Promise<DeployStatus>;
};

const outcomes = ['succeeded', 'unproven', 'gate-closed', 'rejected', 'expired', 'aborted'];
const ends = new Set([...outcomes, 'rolled-back', 'restore-failed']);

/** Where it went after it was there; null = it is there still. */
export function wentTo(before: DeployStatus, now: DeployStatus): Next | null {
  const entry = now.timeline?.[before.timeline?.length ?? 0]?.what;
  if (entry === undefined) return now.outcome && !now.stuck ? `closed: ${now.outcome}` : null;
  if (entry.startsWith('stuck: ')) return 'stuck';
  const closed = ends.has(entry) || (entry === 'frozen' && before.phase === 'frozen');
  return (closed ? `closed: ${entry}` : entry) as Next;
}

let sent = 0;
const approvers = ['bob', 'cleo', 'eve'];

/** Signed by whom it names; judged as the real one is. */
function decisionOf(verb: Verb, approver: string, status: DeployStatus, now: number) {
  const { plan, digest } = status.sealed ?? { plan: planFor(), digest: '' };
  const { deployId, project, environment, sha, notAfter } = plan;
  const asked = status.phase === 'ask' || status.phase === 'frozen';
  const keeps = verb === 'keep' || (verb === 'reject' && asked);
  const decision = {
    ...{ deployId, project, environment, sha, approver, subjectDigest: digest },
    subject: keeps ? 'keep' : plan.restoreTo ? 'ship' : 'first',
    decision: verb === 'reject' ? 'reject' : 'approve',
    nonce: String((sent += 1)).padStart(32, '0'),
    notAfter: keeps ? new Date(now + minute).toISOString() : notAfter,
  };
  return { decision, signature: 'fake' } as SignedDecision;
}

const rulesOn =
  ({ env }: Sea): Activities['ruleOnDecision'] =>
  async ({ sealed, signed, earlier, subject: asked }) => {
    const { decision } = signed as SignedDecision;
    const now = new Date(await env.currentTimeMs()).toISOString();
    const signature = { ok: true, keyType: 'ed25519', touch: true } as const;
    const people = { approvers, requesters: [] };
    const judged = judgeDecision({ sealed, decision, signature, earlier, now, people, asked });
    const { approver, nonce } = decision;
    return { ...judged, decision: decision.decision, approver, nonce, at: now };
  };

async function letterOf(verb: Verb, who: string, it: Pick<Walk, 'sea' | 'status'>) {
  if (signals[verb] === 'decide')
    return [decisionOf(verb, who, await it.status(), await it.sea.env.currentTimeMs())];
  if (verb === 'flag') return [{ text: 'nobody can pay', who }];
  return verb === 'deploy' ? [newer('c')] : [];
}

/** Something of it is broken: each try counts. */
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

/** The real deploy, to that place; then `act`. */
export async function walk<T>(sea: Sea, scene: Scene, act: (it: Walk) => Promise<T>): Promise<T> {
  const { broken, mend, tries } = breakage();
  let found: T | undefined;
  const changes: Partial<Activities> = {
    ...nobodyHears,
    ruleOnDecision: rulesOn(sea),
    planDeploy: async () => {
      const notAfter = new Date((await sea.env.currentTimeMs()) + 120 * minute).toISOString();
      return planFor({ notAfter, ...scene.plan });
    },
    ...scene.changes?.(broken, sea),
  };
  await sail(sea.env, sea.code, changes, async (handle) => {
    const status = () => handle.query<DeployStatus>('status');
    const until = (at: (now: DeployStatus) => boolean) => untilIs(status, at);
    const send: Walk['send'] = async (verb, who = 'bob') => {
      await handle.signal(signals[verb], ...(await letterOf(verb, who, { sea, status })));
    };
    const it = { sea, handle, status, send, mend, tries, until };
    await until(({ phase }) => phase !== 'planning' && phase !== 'preflight');
    await scene.reach?.(it);
    await until(scene.at);
    found = await act(it);
    mend();
    await goHome(it);
  });
  return found as T;
}

/** What waits long for a person is ended; an abort that meets an activity makes the test server lose it. */
async function goHome({ status, send }: Walk) {
  const { phase, stuck } = await status();
  if (stuck) await send('retry').catch(() => {});
  if (phase === 'frozen') await send('abort').catch(() => {});
}

async function untilIs(status: Walk['status'], at: (now: DeployStatus) => boolean) {
  let now = await status();
  for (let tries = 0; tries < 400 && !at(now); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    now = await status();
  }
  if (!at(now)) throw new Error(`it is still in ${now.phase}`);
  return now;
}
