import type { Activities, PlanInput } from '../domain/activities.ts';
import type { Plan } from '../domain/plan.ts';
import type { DeployRequest } from '../domain/schema.ts';
import { pulse } from './git/pulse.ts';
import { assemble } from './plan/assemble.ts';
import { gather, type PlannerDeps } from './plan/gather.ts';
import { findPlace } from './plan/place.ts';
import { refuseReplay, refuseStale, replayed, requestKey, verifyRequest } from './plan/request.ts';

/**
 * Final: refused, misconfigured. Transient: ledger or git did not answer. Changes nothing but the
 * ledger.
 */
export const createPlanner = (deps: PlannerDeps): Pick<Activities, 'planDeploy'> => ({
  planDeploy: (input) => pulse(() => planDeploy(deps, input)),
});

async function planDeploy(deps: PlannerDeps, { signed, runId, record }: PlanInput): Promise<Plan> {
  const { ledger, now: clock = Date.now } = deps;
  const config = deps.config();
  const request = await verifyRequest(signed, config);
  const plannedBefore = record && (await refuseReplay(request, { ledger, runId }));
  const now = clock();
  if (!plannedBefore) refuseStale(request, now);
  const place = findPlace(config, request);
  const plan = assemble(await gather(deps, { config, request, place, now }));
  if (record) await recordStart(deps, { plan, request, runId });
  return plan;
}

/** The nonce is the key: of two runs with one request the second finds the first. */
async function recordStart(
  { ledger }: PlannerDeps,
  { plan, request, runId }: { plan: Plan; request: DeployRequest; runId: string },
) {
  const { deployId, project, environment, ref, sha, release, requestedBy, reason, priority } = plan;
  const { restoreTo, rule } = plan;
  const entry = await ledger.append({
    kind: 'started',
    key: requestKey(request),
    deployId,
    project,
    environment,
    body: { runId, ref, sha, release, requestedBy, reason, priority, restoreTo, rule },
  });
  if (entry.body['runId'] !== runId) throw replayed(entry.deployId);
}
