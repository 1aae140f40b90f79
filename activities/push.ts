import { randomBytes } from 'node:crypto';
import type { Activities, BranchLook, Entry, Place } from '../domain/activities.ts';
import { failures } from '../domain/failures.ts';
import { namespaces } from '../domain/messages.ts';
import { stopWords } from '../domain/policy/stop.ts';
import type { Config, DeployRequest } from '../domain/schema.ts';
import { pulse } from './git/pulse.ts';
import type { Git } from './git.ts';
import type { Ledger } from './ledger.ts';
import { final } from './lib/fail.ts';
import { readStop } from './ledger/stop.ts';
import { findPlace } from './plan/place.ts';
import { signAs } from './push/sign.ts';

type Deps = {
  config: () => Config;
  ledger: Pick<Ledger, 'read'>;
  git: Pick<Git, 'remoteHead'>;
  sign?: typeof signAs;
  now?: () => number;
};

/** Final: refused (no such place), misconfigured (the key cannot sign). Transient: git did not answer. */
export const createPush = (deps: Deps): Pick<Activities, 'lookAtBranch' | 'signPush'> => ({
  lookAtBranch: (place) => pulse(() => look(deps, place)),
  signPush: (input) => signPush(deps, input),
});

/** Far more than a small team's deploys to one place of years. */
const limit = 5000;

async function look({ config: read, ledger, git }: Deps, place: Place): Promise<BranchLook> {
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

/** Rows newest first. */
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
  const told = rows.find(({ kind, body }) => kind === 'request' && body['verdict'] === 'waits');
  const text = (row: Entry | undefined) => (row ? String(row.body['why']) : null);
  const same = (told?.body['sha'] ?? null) === head;
  return {
    ...{ known: known?.kind ?? null, open },
    refused: open === null ? null : text(refusal),
    told: same ? text(told) : null,
  };
}

async function signPush(
  { config: read, sign = signAs, now = Date.now }: Deps,
  { project, environment, sha }: Place & { sha: string },
) {
  const { requests, projects } = read();
  if (!requests) throw noSigner();
  const branch = projects[project]?.branch ?? 'the branch';
  const request: DeployRequest = {
    ...{ project, environment, ref: sha, requestedBy: requests.as },
    ...{ reason: `push to ${branch}`, priority: 'normal' },
    nonce: randomBytes(16).toString('hex'),
    requestedAt: new Date(now()).toISOString(),
  };
  const signature = await sign(requests, request, namespaces.request);
  return { request, signature };
}

const noSigner = () =>
  final(
    failures.misconfigured,
    'Nobody may ask for the deploys of "deployOn: push": plimsoll.yaml has no "requests" any more.\n' +
      'Add requests: { as: NAME, key: /path } and start the worker again.',
  );
