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
  // The texts are cleaned before the plan is sealed and signed. A later change would make the seal
  // and the digest wrong.
  const facts = await gather(deps, { config, request, place, now });
  const commits = facts.commits.map(withCleanTitles);
  const plan = knownSecrets.cleanAll(withoutSecretsIn(assemble({ ...facts, commits })));
  if (record) await recordStart(deps, { plan, request, runId });
  return plan;
}

/**
 * Removes secrets from the titles of a commit. Everybody who may read Temporal's history or a
 * message to approvers sees these titles.
 */
const withCleanTitles = ({ title, pull, ...commit }: Commit): Commit => ({
  ...commit,
  title: cleanTitle(title),
  ...(pull ? { pull: { ...pull, title: cleanTitle(pull.title) } } : {}),
});

/**
 * Removes secrets from the warnings and from the names of changed files. These texts contain names
 * of files, which come from commits.
 */
function withoutSecretsIn({ warnings, files, ...plan }: Plan): Plan {
  const clean = (texts: string[]) => texts.map((text) => withoutSecrets(text));
  return {
    ...plan,
    rule: { ...plan.rule, reasons: clean(plan.rule.reasons) },
    ...(warnings ? { warnings: clean(warnings) } : {}),
    ...(files ? { files: files.map((one) => ({ ...one, names: clean(one.names) })) } : {}),
  };
}

/**
 * Records the start of the deploy. The key of the entry contains the nonce of the request. If two
 * runs have the same request, the second run finds the entry of the first run. In this case, throws
 * a final failure of type 'refused'.
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
