import { randomBytes } from 'node:crypto';
import type { Activities, BranchSnapshot, Entry, Place } from '../../domain/contract/activities.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { namespaces } from '../../domain/deploy/wire.ts';
import { stopWords } from '../../domain/messages/parts/stop.ts';
import type { Config, DeployRequest } from '../../domain/config/config.ts';
import { withHeartbeat } from '../lib/temporal-context.ts';
import type { Git } from '../git/git.ts';
import type { Ledger } from '../ledger/types.ts';
import { final } from '../lib/fail.ts';
import { readStop } from '../approval/stop.ts';
import { findPlace } from '../plan/place.ts';
import { signAs } from '../approval/signatures/sign.ts';

type Deps = {
  config: () => Config;
  ledger: Pick<Ledger, 'read'>;
  git: Pick<Git, 'remoteHead'>;
  sign?: typeof signAs;
  now?: () => number;
};

/**
 * Makes the activities that read a branch and sign a request for its newest commit. They throw a
 * final failure of type 'refused' if the project or the environment does not exist. They throw a
 * final failure of type 'misconfigured' if the key cannot sign. They throw a transient failure if
 * git does not answer.
 */
export const createPush = (deps: Deps): Pick<Activities, 'readBranch' | 'signPush'> => ({
  readBranch: (place) => withHeartbeat(() => readSnapshot(deps, place)),
  signPush: (input) => signPush(deps, input),
});

/**
 * The largest number of ledger entries to read. A small team needs years to write so many entries.
 */
const limit = 5000;

async function readSnapshot(
  { config: read, ledger, git }: Deps,
  place: Place,
): Promise<BranchSnapshot> {
  const config = read();
  const { project, environment } = findPlace(config, place);
  const { branch, repository, github = null } = project;
  const [head, rows, stop] = await Promise.all([
    git.remoteHead(repository, branch),
    ledger.read({ ...place, kinds: ['started', 'closed', 'adopted', 'revert', 'request'], limit }),
    readStop(ledger, config),
  ]);
  const subject = head && { project: place.project, sha: head, github, target: { repository } };
  const { slack } = config;
  return {
    ...{ branch, head, subject: subject || null },
    ...recalled(rows, head),
    stopped: stop && stopWords(stop),
    after: environment.after ?? null,
    channel: slack?.deployments ?? null,
  };
}

/**
 * Returns the facts that the ledger has about the newest commit of the branch. `rows` must be
 * newest first.
 */
function recalled(rows: readonly Entry[], head: string | null) {
  const ofHead = rows.filter(({ body }) => head !== null && body['sha'] === head);
  const known = ofHead.find(({ kind }) => ['started', 'adopted', 'revert'].includes(kind));
  const begun = rows.find(({ kind }) => kind === 'started')?.deployId ?? null;
  const ended = rows.some(({ kind, deployId }) => kind === 'closed' && deployId === begun);
  const open = ended ? null : begun;
  const asked = ofHead.filter(({ kind }) => kind === 'request');
  const refusal = asked.find(
    ({ deployId, body }) => body['verdict'] === 'refused' && deployId === open,
  );
  const notified = rows.find(({ kind, body }) => kind === 'request' && body['verdict'] === 'waits');
  const text = (row: Entry | undefined) => (row ? String(row.body['why']) : null);
  const same = (notified?.body['sha'] ?? null) === head;
  return {
    ...{ known: known?.kind ?? null, open },
    refused: open === null ? null : text(refusal),
    notified: same ? text(notified) : null,
  };
}

async function signPush(
  { config: read, git, sign = signAs, now = Date.now }: Deps,
  { project, environment, sha }: Place & { sha: string },
) {
  const config = read();
  const { requests } = config;
  if (!requests) throw noSigner();
  const { branch, repository } = findPlace(config, { project, environment }).project;
  // Nobody signed the input of this activity. So the worker signs only the commit that it reads
  // from the branch itself.
  if ((await git.remoteHead(repository, branch)) !== sha) throw moved(branch, sha);
  const request: DeployRequest = {
    ...{ project, environment, ref: sha, requestedBy: requests.as },
    ...{ reason: `push to ${branch}`, priority: 'normal' },
    nonce: randomBytes(16).toString('hex'),
    requestedAt: new Date(now()).toISOString(),
  };
  const signature = await sign(requests, request, namespaces.request);
  return { request, signature };
}

const moved = (branch: string, sha: string) =>
  final(
    failures.refused,
    `${sha.slice(0, 7)} is not the newest commit of ${branch}, so no deploy of it was requested.\n` +
      'The next check of the branch requests a deploy of the newest commit.',
  );

const noSigner = () =>
  final(
    failures.misconfigured,
    '"deployOn: push" needs a requester, but plimsoll.yaml has no "requests" any more.\n' +
      'Add requests: { as: NAME, key: PATH } and start the worker again.',
  );
