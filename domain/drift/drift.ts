import type {
  Entry,
  Place,
  DriftFinding,
  DriftVerdict,
  ServedSnapshot,
  Shipped,
} from '../contract/activities.ts';
import type { HostState, Release } from '../deploy/plan.ts';
import { short } from '../messages/parts/served.ts';
import { releaseOf } from '../rollback/standing.ts';

/**
 * People are paged after this many checks in a row without data. With a check every four minutes,
 * this takes at most twelve minutes.
 */
export const noDataAfter = 3;

const afterwards: Record<string, (row: Entry, begun: Entry | undefined) => (Release | null)[]> = {
  succeeded: (row) => [releaseOf(row)],
  unproven: (row) => [releaseOf(row)],
  'rolled-back': (_, begun) => [before(begun)],
  'rolled-back-still-failing': (_, begun) => [before(begun)],
  'rollback-failed': (row, begun) => [before(begun), releaseOf(row)],
  'rollback-not-approved': (row, begun) => [before(begun), releaseOf(row)],
};

const before = (begun: Entry | undefined) => {
  const release = begun?.body['rollbackTarget'];
  return release ? releaseOf({ body: { release } }) : null;
};

/**
 * Finds the release that was last made live. `rows` are ledger entries, newest first. A deploy that
 * closed without an effect is skipped.
 */
export function shippedLast(rows: readonly Entry[]): Shipped | null {
  for (const row of rows) {
    const { kind, at, deployId, body } = row;
    if (kind === 'adopted') return one([releaseOf(row)], at, 'adopted');
    if (kind !== 'closed') continue;
    const how = String(body['outcome']);
    const begun = rows.find((it) => it.kind === 'released' && it.deployId === deployId);
    const found = one(afterwards[how]?.(row, begun) ?? [], at, how);
    if (found) return { ...found, ...failedIn(row, begun) };
  }
  return null;
}

/** The ends after which the release of the deploy may be live, although the deploy failed. */
const stillLive: readonly unknown[] = ['rollback-failed', 'rollback-not-approved'];

function failedIn(row: Entry, begun: Entry | undefined): Pick<Shipped, 'failed'> {
  const sha = releaseOf(row)?.sha;
  if (!stillLive.includes(row.body['outcome']) || sha === undefined) return {};
  return sha === before(begun)?.sha ? {} : { failed: { sha, deployId: row.deployId ?? '' } };
}

function one(releases: (Release | null)[], at: string, how: string): Shipped | null {
  const shas = releases.flatMap((release) => (release ? [release.sha] : []));
  return shas.length > 0 ? { shas, at, how } : null;
}

/**
 * Returns a text about the newest deploy if this deploy declared an effect and has not ended; else
 * null. A lost deploy counts as not ended until `plimsoll reconcile` ends it.
 */
export function inFlight(rows: readonly Entry[]): string | null {
  const begun = rows.find(({ kind }) => kind === 'released');
  if (!begun) return null;
  const ended = rows.some(({ kind, deployId }) => kind === 'closed' && deployId === begun.deployId);
  return ended ? null : `the deploy ${begun.deployId} has not ended`;
}

type Served = Pick<HostState, 'host' | 'sha' | 'runningSha' | 'foreign'>;

/**
 * Returns the commits that one host serves: the installed commit, and the commit from which the
 * running process was started.
 */
export const servedBy = ({ sha, runningSha, foreign }: Served): string[] =>
  [...new Set([sha ?? foreign?.sha, runningSha])].filter((it) => typeof it === 'string');

export function judgeServed(snapshot: ServedSnapshot): DriftVerdict {
  const { shipped, busy, live, silent, rolledBack } = snapshot;
  if (busy !== null) return { verdict: 'busy', why: busy };
  if (!shipped)
    return { verdict: 'nothing-shipped', why: 'nothing was deployed or adopted here yet' };
  const others = live.flatMap((state) => strangers(state, shipped, snapshot));
  if (others.length > 0) {
    const returned = others.every(({ what }) => what === rolledBack) ? rolledBack : null;
    return { ...otherThan(shipped, others), ...(returned === null ? {} : { returned }) };
  }
  const failing = live.filter((state) => servedBy(state).includes(shipped.failed?.sha ?? ''));
  if (failing.length > 0) return failedIsLive(shipped, failing);
  const dark = [
    ...silent.map(({ host, why }) => `${host}: ${why}`),
    ...live
      .filter((state) => servedBy(state).length === 0)
      .map(({ host }) => `${host}: the commit is unknown`),
  ];
  if (dark.length > 0 || live.length === 0)
    return { verdict: 'unknown', why: dark.join('; ') || 'no place answered' };
  return {
    verdict: 'same',
    why: `${shortest(shipped)} is live, as the ledger says (${shipped.how})`,
  };
}

type Stranger = { host: string; what: string };

/**
 * Returns the live commits whose files differ from the files of the last deployed release. A revert
 * or a merge that leads to the same files is no drift.
 */
function strangers(state: Served, shipped: Shipped, { commits }: ServedSnapshot): Stranger[] {
  const { host, sha, foreign } = state;
  const trees = shipped.shas.map((it) => commits[it]?.tree).filter((tree) => Boolean(tree));
  const isShipped = (it: string) =>
    shipped.shas.includes(it) || trees.includes(commits[it]?.tree ?? '');
  const found = servedBy(state).filter((it) => !isShipped(it));
  if (found.length > 0) return found.map((what) => ({ host, what }));
  const nameless = foreign && sha === null && foreign.sha === null;
  return nameless ? [{ host, what: foreign.path }] : [];
}

function otherThan(shipped: Shipped, others: Stranger[]): DriftVerdict {
  const named = others.map(({ host, what }) => `${nameOf(what)} is live on ${host}`).toSorted();
  const marks = others.map(({ host, what }) => `${host}=${what}`).toSorted();
  return {
    verdict: 'other',
    why: `${named.join(', ')}, but ${shortest(shipped)} was deployed last`,
    mark: [shipped.shas[0], ...marks].join(' '),
  };
}

function failedIsLive({ failed, how }: Shipped, live: readonly Served[]): DriftVerdict {
  const { sha = '', deployId = '' } = failed ?? {};
  const hosts = live.map(({ host }) => host).toSorted();
  return {
    verdict: 'other',
    failed: true,
    why: `${short(sha)} is live on ${hosts.join(', ')}, but its deploy ended as ${how}`,
    mark: [deployId, ...hosts.map((host) => `${host}=${sha}`)].join(' '),
  };
}

const shortest = ({ shas }: Shipped) => shas.map(short).join(' or ');
const nameOf = (what: string) => (/^[0-9a-f]{40}$/.test(what) ? short(what) : what);

/**
 * Decides whether to page people. A release that should not be live causes one page. Missing data
 * also causes one page, after some checks. `call` is the kind of page; null = no page.
 */
export function followUp(
  place: Place,
  judged: DriftVerdict,
  last: DriftFinding | undefined,
): { finding: DriftFinding; call: 'other' | 'no-data' | null } {
  const { verdict, mark } = judged;
  const misses = verdict === 'unknown' ? (last?.misses ?? 0) + 1 : 0;
  const known = verdict === 'same' ? null : (last?.notified ?? null);
  const isNew = mark !== undefined && mark !== known;
  const finding = { ...place, ...judged, misses, notified: mark ?? known };
  const call = isNew ? 'other' : misses === noDataAfter ? 'no-data' : null;
  return { finding, call };
}

/** Changes a finding after a page that reached nobody, so that the next check pages again. */
export const unreported = (
  finding: DriftFinding,
  last: DriftFinding | undefined,
): DriftFinding => ({
  ...finding,
  misses: Math.min(finding.misses, noDataAfter - 1),
  notified: finding.verdict === 'other' ? (last?.notified ?? null) : finding.notified,
});
