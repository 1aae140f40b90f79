import { ApplicationFailure } from '@temporalio/common';
import type { Activities, EntryKind, Place } from '../domain/activities.ts';
import type {
  SentinelActivities,
  ServedCommit,
  ServedLook,
} from '../domain/activities/sentinel.ts';
import { failures } from '../domain/failures.ts';
import type { HostState, Target } from '../domain/plan.ts';
import { recognize, type Adopted } from '../domain/policy/adoption.ts';
import { inFlight, servedBy, shippedLast } from '../domain/policy/sentinel.ts';
import type { SentinelReport } from '../domain/policy/sentinel.ts';
import { sitesOf } from '../domain/policy/sites.ts';
import type { Config } from '../domain/schema.ts';
import { pulse } from './git/pulse.ts';
import type { Git } from './git.ts';
import type { Ledger } from './ledger.ts';
import { final } from './lib/fail.ts';
import { findPlace } from './plan/place.ts';
import { freezeTarget } from './plan/target.ts';

type Deps = {
  config: () => Config;
  ledger: Pick<Ledger, 'read'>;
  git: Pick<Git, 'treeOf' | 'authored'>;
  inspectHosts: Activities['inspectHosts'];
  lastSentinel: LastSentinel | undefined;
};

/** The server is its memory: the result of the newest scheduled run but `runId`; null = there is none. */
export type LastSentinel = (runId: string) => Promise<SentinelReport | null>;

/** Transient: git or the ledger did not answer. A place that does not answer is a fact. */
export const createSentinel = (deps: Deps): SentinelActivities => ({
  lookAtServed: (where) => pulse(() => look(deps, where)),
  async recallSentinel({ runId }) {
    if (deps.lastSentinel) return await deps.lastSentinel(runId);
    throw final(
      failures.misconfigured,
      'This worker cannot ask its Temporal server, so it does not know whom it called already.\n' +
        'Start it with: npx --no plimsoll worker',
    );
  },
});

const kinds: EntryKind[] = ['released', 'closed', 'adopted'];
const limit = 200;

/** The intent of a deploy is recorded before its first effect: read after the look, it is never missed. */
async function look(deps: Deps, where: Place): Promise<ServedLook> {
  const { project, environment } = findPlace(deps.config(), where);
  const target = freezeTarget({ project, environment });
  const recall = () => deps.ledger.read({ ...where, kinds, limit });
  const [before] = await recall();
  const seen = await seeAll(deps.inspectHosts, target);
  const rows = await recall();
  const moved = rows[0]?.seq === before?.seq ? null : 'a deploy began or ended meanwhile';
  const adopted = rows.find(({ kind }) => kind === 'adopted')?.body as Adopted | undefined;
  const live = recognize(seen.live, adopted ?? null).map(onlyWhat);
  const shipped = shippedLast(rows);
  const others = live.flatMap(servedBy).filter((sha) => !shipped?.shas.includes(sha));
  const compared = others.length > 0 ? [...others, ...(shipped?.shas ?? [])] : [];
  const { repository, paths } = project;
  return {
    shipped,
    busy: inFlight(rows) ?? moved,
    ...{ live, silent: seen.silent },
    commits: await describeAll(deps.git, { repository, paths, shas: compared }),
  };
}

const onlyWhat = ({ host, sha, runningSha, foreign }: HostState) => ({
  ...{ host, sha, runningSha },
  ...(foreign ? { foreign } : {}),
});

/** Each place on its own: one that is away hides nothing of the others. */
async function seeAll(inspectHosts: Deps['inspectHosts'], target: Target) {
  const parts: Target[] =
    target.platform === 'vps'
      ? target.hosts.map((host) => ({ ...target, hosts: [host] }))
      : [target];
  const answers = await Promise.allSettled(parts.map((part) => inspectHosts({ target: part })));
  const live = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const silent = answers.flatMap((answer, at) => {
    const [site] = sitesOf(parts[at]!);
    return answer.status === 'rejected' && site
      ? [{ host: site.name, why: (answer.reason as Error).message }]
      : [];
  });
  return { live, silent };
}

type Asked = { repository: string; paths: string[] | undefined; shas: string[] };

async function describeAll(git: Deps['git'], { repository, paths, shas }: Asked) {
  const found: ServedLook['commits'] = {};
  for (const sha of new Set(shas)) found[sha] = await describe(git, { repository, paths, sha });
  return found;
}

type One = Omit<Asked, 'shas'> & { sha: string };

async function describe(git: Deps['git'], one: One): Promise<ServedCommit | null> {
  const { repository, paths, sha } = one;
  try {
    const tree = await git.treeOf(repository, sha, paths);
    return { tree, ...(await git.authored(repository, sha)) };
  } catch (cause) {
    if (cause instanceof ApplicationFailure && cause.type === failures.refused) return null;
    throw cause;
  }
}
