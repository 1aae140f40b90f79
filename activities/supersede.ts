import type { Activities, DeployRef } from '../domain/activities.ts';
import { failures } from '../domain/failures.ts';
import type { Claim } from '../domain/plan.ts';
import type { Config, DeployRequest } from '../domain/schema.ts';
import { pulse } from './git/pulse.ts';
import { badRef, isPlainRef } from './git/refuse.ts';
import type { Git } from './git.ts';
import type { Ledger } from './ledger.ts';
import { final } from './lib/fail.ts';
import { findPlace } from './plan/place.ts';
import { deployIdOf, refuseStale, replayed, requestKey, verifyRequest } from './plan/request.ts';

type Deps = {
  config: () => Config;
  ledger: Pick<Ledger, 'find'>;
  git: Pick<Git, 'resolve' | 'isAncestor'>;
  now?: () => number;
};

/** An unsigned or forged request must never end a deploy. Final: refused, misconfigured. */
export const createSupersede = (deps: Deps): Pick<Activities, 'weighRequest'> => ({
  weighRequest: (input) => pulse(() => weigh(deps, input)),
});

/** Every request is ruled on once; the row is written by the deploy that ruled. */
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

/** A commit that the repository has no more is contained in nothing. */
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
      `and was sent to ${holder.project} ${holder.environment}.\n` +
      'Send it with: npx --no plimsoll deploy',
  );
}
