import type { Activities, DeployRef } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { Claim } from '../../domain/deploy/plan.ts';
import type { Config, DeployRequest } from '../../domain/config/config.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import { badRef, isPlainRef } from '../git/refuse.ts';
import type { Git } from '../git/git.ts';
import type { Ledger } from '../ledger/types.ts';
import { final } from '../lib/fail.ts';
import { findPlace } from '../plan/place.ts';
import { deployIdOf, refuseStale, replayed, requestKey, verifyRequest } from '../plan/request.ts';

type Deps = {
  config: () => Config;
  ledger: Pick<Ledger, 'find'>;
  git: Pick<Git, 'resolve' | 'isAncestor'>;
  now?: () => number;
};

/**
 * Makes the activity that verifies a request while another deploy holds the lock. The check is
 * needed because an unsigned or forged request must never end the other deploy. Throws a final
 * failure of type 'refused' or 'misconfigured' if the request is not valid or cannot be checked.
 */
export const createSupersede = (deps: Deps): Pick<Activities, 'weighRequest'> => ({
  weighRequest: (input) => withHeartbeat(() => weigh(deps, input)),
});

/**
 * Returns the key of the ledger entry for the ruling on a request. The deploy that holds the lock
 * rules on each request once and writes this entry.
 */
export const rulingKey = (nonce: string) => `request/${nonce}/ruling`;

async function weigh(
  { config: read, ledger, git, now = Date.now }: Deps,
  { signed, holder }: { signed: unknown; holder: DeployRef },
): Promise<Claim> {
  const config = read();
  const request = await verifyRequest(signed, config);
  refuseElsewhere(request, holder);
  const used =
    (await ledger.find(requestKey(request))) ?? (await ledger.find(rulingKey(request.nonce)));
  if (used) throw replayed(used.deployId);
  refuseStale(request, now());
  const { repository } = findPlace(config, request).project;
  const { ref, requestedBy, reason, priority, nonce, supersede = false } = request;
  if (!isPlainRef(ref)) throw badRef(ref);
  const sha = await git.resolve(repository, ref);
  const relation = await relationOf(sha, holder.sha, containing(git, repository));
  const words = { ref, sha, requestedBy, reason, priority, nonce, supersede, relation };
  return { deployId: deployIdOf(request), ...words };
}

type Contains = (older: string, newer: string) => Promise<boolean>;

async function relationOf(
  sha: string,
  held: string,
  contains: Contains,
): Promise<Claim['relation']> {
  if (sha === held) return 'same';
  if (await contains(held, sha)) return 'newer';
  return (await contains(sha, held)) ? 'older' : 'apart';
}

/**
 * Returns a function that checks whether a newer commit contains an older commit. If the repository
 * no longer has one of the two commits, the result is false.
 */
const containing =
  (git: Deps['git'], repository: string): Contains =>
  async (older, newer) => {
    try {
      return await git.isAncestor(repository, older, newer);
    } catch (cause) {
      if ((cause as { type?: unknown }).type === failures.refused) return false;
      throw cause;
    }
  };

function refuseElsewhere(request: DeployRequest, holder: DeployRef) {
  if (request.project === holder.project && request.environment === holder.environment) return;
  throw final(
    failures.refused,
    `This request is for ${request.project} ${request.environment}, ` +
      `but was sent to ${holder.project} ${holder.environment}.\n` +
      'Send the request with: plimsoll deploy',
  );
}
