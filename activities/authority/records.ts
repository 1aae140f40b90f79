import type { Plan, Warrant } from '../../domain/deploy/plan.ts';
import { available } from '../approval/ruling.ts';
import { failedEnd, followsFrom } from './after-failure.ts';
import { isUntouched, mayClose, staysLive } from './ends.ts';
import { isFree, isPlanOf, mayRecordAdoption, namesOwnRelease } from './entries.ts';
import { mayBegin, mayRollBackLate } from './forward.ts';
import type { Guard, GuardDeps, Input } from './guard-types.ts';
import { refused, validWarrant } from './warrant.ts';

/**
 * The kinds of entries about a deploy. Only a workflow with the warrant of the deploy may add them.
 */
const ofDeploy = ['released', 'closed', 'incident', 'quarantine', 'revert'];
const allowedEntries: Record<Warrant['purpose'], readonly string[]> = {
  deploy: ofDeploy,
  adopt: ['adopted'],
  again: [],
  plan: [],
  rollback: ofDeploy,
  ask: [],
};

export const record: Guard = async (deps, { input, work }) => {
  const { warrant: given, evidence, ...entry } = input;
  const kind = String(entry['kind']);
  if (isFree(entry)) return await work(entry);
  // The ledger never writes an existing entry again. A run after a reset may close its deploy once
  // more.
  const isClosed = kind === 'closed' && entry['key'] === `${String(entry['deployId'])}/closed`;
  if (isClosed && (await available(deps.ledger.find(String(entry['key']))))) return undefined;
  if (kind === 'closed' && isUntouched(entry)) {
    await mayClose(deps, entry);
    return await work(entry);
  }
  const warrant = validWarrant(deps.seals, given);
  const allowed = allowedEntries[warrant.purpose];
  const { deployId, project, environment } = warrant.deploy;
  const same =
    entry['deployId'] === deployId &&
    entry['project'] === project &&
    entry['environment'] === environment &&
    (kind === 'adopted' || entry['key'] === `${deployId}/${kind}`);
  if (!allowed.includes(kind) || !same)
    throw refused(`the warrant does not allow the ledger entry "${kind}"`);
  namesOwnRelease(warrant, entry);
  if (kind === 'adopted') mayRecordAdoption(warrant, entry, (deps.now ?? Date.now)());
  if (kind === 'released') await mayRecordIntent(deps, warrant, entry);
  if (kind === 'closed') await staysLive(deps, warrant, { entry, evidence });
  if (afterRollback.includes(kind)) await followsFailure(deps, warrant, kind);
  return await work(entry);
};

/**
 * Checks the entry that is written before the first effect. The conditions are the same as for the
 * first effect.
 */
async function mayRecordIntent(deps: GuardDeps, warrant: Warrant, { body }: Input) {
  const { plan } = (body ?? {}) as { plan?: Plan };
  isPlanOf(deps.seals, warrant, plan);
  if (warrant.purpose === 'rollback') await mayRollBackLate(deps, warrant);
  else await mayBegin(deps, warrant);
}

/**
 * The kinds of entries that are written only after a failed deploy. The ledger must already say
 * that the deploy failed.
 */
const afterRollback = ['incident', 'quarantine', 'revert'];

async function followsFailure(deps: GuardDeps, warrant: Warrant, kind: string) {
  const end = await failedEnd(deps, warrant);
  if (kind !== 'quarantine') return;
  const released = await available(deps.ledger.find(`${warrant.deploy.deployId}/released`));
  const plan = released?.body['plan'] as Plan | undefined;
  isPlanOf(deps.seals, warrant, plan);
  if (!followsFrom(plan as Plan, end).quarantine)
    throw refused('a quarantine does not follow from the end of this deploy');
}
