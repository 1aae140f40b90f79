import type { Activities, PlanInput } from '../../domain/contract/activities.ts';
import type { Commit, Plan } from '../../domain/deploy/plan.ts';
import { namespaces } from '../../domain/deploy/wire.ts';
import type { DeployRequest } from '../../domain/config/config.ts';
import { cleanTitle, knownSecrets } from '../lib/known-secrets.ts';
import { withoutSecrets } from '../../domain/lib/secret-shapes.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { assemble } from './assemble.ts';
import { gather } from './gather.ts';
import { type PlannerDeps } from './facts.ts';
import { findPlace } from './place.ts';
import {
  refuseOtherId,
  refuseReplay,
  refuseStale,
  replayed,
  requestKey,
  verifyRequest,
} from './request.ts';
import { effect } from '../lib/effect.ts';

/**
 * Makes the activity that plans a deploy. The activity changes only the ledger. Throws a final
 * failure of type 'refused' or 'misconfigured' if the deploy cannot be planned. Throws a transient
 * failure if the ledger or git does not answer.
 */
export const createPlanner = (deps: PlannerDeps): Pick<Activities, 'planDeploy'> => ({
  planDeploy: effect('planDeploy', (input) => withHeartbeat(() => planDeploy(deps, input))),
});

async function planDeploy(deps: PlannerDeps, { signed, runId, record }: PlanInput): Promise<Plan> {
  const { ledger, now: clock = Date.now } = deps;
  const config = deps.config();
  const namespace = record ? namespaces.request : namespaces.plan;
  const request = await verifyRequest(signed, config, namespace);
  if (record) refuseOtherId(request);
  const plannedBefore = record && (await refuseReplay(request, { ledger, runId }));
  const now = clock();
  if (!plannedBefore) refuseStale(request, now);
  const place = findPlace(config, request);
  // Clean before anybody seals or signs the plan: later, the seal and the digest would be wrong.
  const facts = await gather(deps, { config, request, place, now });
  const commits = facts.commits.map(withCleanTitles);
  const plan = knownSecrets.cleanAll(withoutSecretsIn(assemble({ ...facts, commits })));
  if (record) await recordStart(deps, { plan, request, runId });
  return plan;
}

/** Everybody who may read the history of Temporal or a message to approvers sees the titles. */
const withCleanTitles = ({ title, pull, ...commit }: Commit): Commit => ({
  ...commit,
  title: cleanTitle(title),
  ...(pull ? { pull: { ...pull, title: cleanTitle(pull.title) } } : {}),
});

/** The names of files in these texts come from commits. */
function withoutSecretsIn({ warnings, ...plan }: Plan): Plan {
  const clean = (texts: string[]) => texts.map((text) => withoutSecrets(text));
  return {
    ...plan,
    rule: { ...plan.rule, reasons: clean(plan.rule.reasons) },
    ...(warnings ? { warnings: clean(warnings) } : {}),
  };
}

/**
 * Records the start of the deploy. The key of the entry contains the nonce of the request. So if
 * two runs have the same request, the second run finds the entry of the first run. Throws a final
 * failure of type 'refused' in this case.
 */
async function recordStart(
  { ledger }: PlannerDeps,
  { plan, request, runId }: { plan: Plan; request: DeployRequest; runId: string },
) {
  const { deployId, project, environment, ref, sha, release, requestedBy, reason, priority } = plan;
  const { rollbackTarget, rule } = plan;
  const entry = await ledger.append({
    kind: 'started',
    key: requestKey(request),
    deployId,
    project,
    environment,
    body: { runId, ref, sha, release, requestedBy, reason, priority, rollbackTarget, rule },
  });
  if (entry.body['runId'] !== runId) throw replayed(entry.deployId);
}
