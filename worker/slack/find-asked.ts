import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { sealDigest } from '../../activities/lib/seal-digest.ts';
import { deployId, messages, planMemoKey, searchAttributes } from '../../domain/messages.ts';
import type { DeployStatus, Ruling, SealedPlan } from '../../domain/plan.ts';
import type { Asked } from '../../domain/policy/slack-click.ts';
import type { SignedDecision } from '../../domain/schema.ts';

type Place = { project: string; environment: string };
export type AskedNow = Asked & { runId: string };

/** The Temporal server, as the bridge needs it. */
export type Deploys = {
  /** null: none was ever started there. */
  asked(place: Place): Promise<AskedNow | null>;
  /** Kept by Temporal once this resolves. */
  decide(place: Place, runId: string, signed: SignedDecision): Promise<void>;
  /** null: no worker has ruled on it yet. */
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
        const sealed = (found.memo?.[planMemoKey] as SealedPlan | undefined) ?? null;
        const phase = (
          found.searchAttributes[searchAttributes.phase] as unknown[] | undefined
        )?.[0];
        return {
          runId: found.runId,
          running: found.status.name === 'RUNNING',
          phase: typeof phase === 'string' ? phase : 'unknown',
          sealed,
          genuine: sealed !== null && isGenuine(sealed, place),
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

/** The memo can be written by anybody with access to the namespace. */
const isGenuine = ({ plan, gates, digest }: SealedPlan, { project, environment }: Place) =>
  plan.project === project &&
  plan.environment === environment &&
  sealDigest(plan, gates) === digest;

function nowhere(cause: unknown): null {
  if (cause instanceof WorkflowNotFoundError) return null;
  throw cause;
}
