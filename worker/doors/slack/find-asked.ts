import { readMemo } from '../../../activities/lib/memo.ts';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { sealDigest } from '../../../activities/lib/seal-digest.ts';
import { doesNotContinue } from '../../../domain/deploy/failing-tasks.ts';
import { deployId, messages, planMemoKey, searchAttributes } from '../../../domain/deploy/wire.ts';
import type { DeployStatus, Ruling, SealedPlan } from '../../../domain/deploy/plan.ts';
import type { Asked } from '../../../domain/approval/slack-click.ts';
import type { SignedDecision } from '../../../domain/config/config.ts';
import { readFailingTasks } from '../../failing-tasks/read.ts';

type Place = { project: string; environment: string };
export type AskedNow = Asked & { runId: string };

/** The calls to the Temporal server that the bridge needs. */
export type Deploys = {
  /** Null means that this place never had a deploy. */
  asked(place: Place): Promise<AskedNow | null>;
  /** Resolves once Temporal has stored the decision. */
  decide(place: Place, runId: string, signed: SignedDecision): Promise<void>;
  /** Null means that no worker has ruled on the decision yet. */
  ruling(place: Place, runId: string, nonce: string): Promise<Ruling | null>;
};

const serverMs = 10_000;

export function createDeploys(client: Client): Deploys {
  const within = <T>(call: () => Promise<T>) => client.withDeadline(Date.now() + serverMs, call);
  const handle = ({ project, environment }: Place, runId?: string) =>
    client.workflow.getHandle(deployId(project, environment), runId);
  return {
    asked: (place) =>
      within(async () => {
        const found = await handle(place).describe().catch(nowhere);
        if (!found) return null;
        const sealed = readMemo(found.memo?.[planMemoKey]);
        const phase = (
          found.searchAttributes[searchAttributes.phase] as unknown[] | undefined
        )?.[0];
        return {
          runId: found.runId,
          running: found.status.name === 'RUNNING',
          phase: typeof phase === 'string' ? phase : 'unknown',
          sealed,
          genuine: sealed !== null && isGenuine(sealed, place),
          failing: await isFailing(client, found),
        };
      }),
    decide: (place, runId, signed) =>
      within(() => handle(place, runId).signal(messages.decide, signed)),
    ruling: async (place, runId, nonce) => {
      const asking = () => handle(place, runId).query<DeployStatus>(messages.status);
      const status = await within(asking).catch(() => null);
      return status?.rulings.find((ruling) => ruling.nonce === nonce) ?? null;
    },
  };
}

async function isFailing(client: Client, found: WorkflowExecutionDescription): Promise<boolean> {
  if (found.status.name !== 'RUNNING') return false;
  const failing = await readFailingTasks(client, found);
  return failing !== null && doesNotContinue(failing, new Date());
}

/**
 * Returns true if the memo matches its digest and the place. Anybody with access to the namespace
 * can write a memo.
 */
const isGenuine = ({ plan, gates, digest }: SealedPlan, { project, environment }: Place) =>
  plan.project === project &&
  plan.environment === environment &&
  sealDigest(plan, gates) === digest;

function nowhere(cause: unknown): null {
  if (cause instanceof WorkflowNotFoundError) return null;
  throw cause;
}
