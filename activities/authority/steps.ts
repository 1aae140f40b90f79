import type { Warrant } from '../../domain/deploy/plan.ts';
import { platformNames, platforms } from '../../domain/platforms/index.ts';
import { mayRollBackAgain } from './again.ts';
import { beforeEachChange } from '../lib/attempt.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { believed } from './believed.ts';
import { mayGoForward, notEnded, nothingNewer, stillForward } from './forward.ts';
import type { Guard, GuardDeps } from './guard-types.ts';
import { isMade, withSeal } from './made.ts';
import { ownFacts } from './own-facts.ts';
import type { OwnFacts } from './own-facts.ts';
import { isLate, isSigned, refused, validWarrant } from './warrant.ts';

/**
 * A rollback checks for a newer deploy at most once in this time, in milliseconds. Each check may
 * have to wait for a ledger that does not answer.
 */
const backwardFreshMs = 2000;

/**
 * A step of a deploy on a platform. The facts of the step come from the warrant and from the
 * configuration.
 */
export const step =
  (direction: 'forward' | 'backward' | 'read'): Guard =>
  async (deps, { name, input, work }) => {
    const warrant = validWarrant(deps.seals, input['warrant']);
    if (warrant.purpose === 'adopt') await mayAdopt(deps, name, warrant);
    else if (warrant.purpose === 'again') {
      const may = () => mayRollBackAgain(deps, warrant, { direction, name });
      await may();
      beforeEachChange(may);
    } else if (isLate(warrant)) {
      await mayRollBack(deps, warrant, direction);
    } else if (direction === 'forward') {
      await mayGoForward(deps, warrant);
      beforeEachChange(() => stillForward(deps, warrant));
    } else if (direction === 'backward') {
      await nothingNewer(deps, warrant);
      beforeEachChange(() => nothingNewer(deps, warrant), { freshMs: backwardFreshMs });
    } else await notEnded(deps, warrant);
    if (name === 'pruneReleases' && currentRun() !== warrant.runId)
      throw refused('another workflow run removes the old releases');
    const facts = ownFacts(deps.config(), warrant.deploy);
    isMade(deps.seals, warrant, { name, input });
    rightPlatform(name, facts);
    const startedAt = (deps.now ?? Date.now)();
    const result = await work(believed(input, { warrant, facts, direction, name }));
    return withSeal(deps.seals, warrant, { name, input, result, startedAt });
  };

/** A late rollback reads and rolls back. Before an approver has signed it, it only reads. */
async function mayRollBack(
  deps: GuardDeps,
  warrant: Warrant,
  direction: 'forward' | 'backward' | 'read',
) {
  if (direction === 'forward') throw refused('a rollback deploys nothing');
  if (direction === 'read') return await notEnded(deps, warrant);
  isSigned(warrant);
  await nothingNewer(deps, warrant);
  beforeEachChange(() => nothingNewer(deps, warrant), { freshMs: backwardFreshMs });
}

/**
 * The longest time from the plan of an adoption to its step, in milliseconds. An adoption may only
 * stage the live release.
 */
const adoptionMs = 3 * 60 * 60_000;

async function mayAdopt({ now = Date.now }: GuardDeps, name: string, warrant: Warrant) {
  if (name !== 'stageRelease') throw refused('an adoption may only stage the live release');
  if (currentRun() !== warrant.runId) throw refused('another workflow run planned the adoption');
  if (now() - Date.parse(warrant.sealedAt) > adoptionMs) throw refused('the adoption is too old');
}

const platformOf = (name: string) =>
  platformNames.find((platform) => Object.hasOwn(platforms[platform].kinds, name));

function rightPlatform(name: string, { target }: OwnFacts) {
  const platform = platformOf(name);
  if (platform && platform !== target.platform)
    throw refused(`this step is for ${platform}, but the place is on ${target.platform}`);
}
