import type { Entry, Place, ServedLook, Shipped } from '../activities.ts';
import type { HostState, Release } from '../plan.ts';
import { short } from './served.ts';
import { releaseOf } from './standing.ts';

/** `other`: something else than what was shipped is served. `unknown`: it cannot be told. */
export type Judged = {
  verdict: 'same' | 'other' | 'busy' | 'unknown' | 'nothing-shipped';
  why: string;
  /** Of `other`: the same as long as nothing else is served. */
  mark?: string;
};

/** What one look led to, and what the next one must know. */
export type SentinelFinding = Place &
  Judged & {
    /** Looks in a row after which it could not be told. */
    misses: number;
    /** The mark that people were called for; null = none, or it is over. */
    told: string | null;
  };

/** The result of the schedule's workflow, which its next run reads. */
export type SentinelReport = { places: SentinelFinding[] };

/** A quarter of an hour, at a look every five minutes. */
export const blindAfter = 3;

const afterwards: Record<string, (row: Entry, begun: Entry | undefined) => (Release | null)[]> = {
  succeeded: (row) => [releaseOf(row)],
  unproven: (row) => [releaseOf(row)],
  'rolled-back': (_, begun) => [before(begun)],
  'restore-failed': (row, begun) => [before(begun), releaseOf(row)],
  frozen: (row, begun) => [before(begun), releaseOf(row)],
};

const before = (begun: Entry | undefined) => {
  const release = begun?.body['restoreTo'];
  return release ? releaseOf({ body: { release } }) : null;
};

/** Rows newest first. What closed without an effect left what was there. */
export function shippedLast(rows: readonly Entry[]): Shipped | null {
  for (const row of rows) {
    const { kind, at, deployId, body } = row;
    if (kind === 'adopted') return one([releaseOf(row)], at, 'adopted');
    if (kind !== 'closed') continue;
    const how = String(body['outcome']);
    const begun = rows.find((it) => it.kind === 'released' && it.deployId === deployId);
    const found = one(afterwards[how]?.(row, begun) ?? [], at, how);
    if (found) return found;
  }
  return null;
}

function one(releases: (Release | null)[], at: string, how: string): Shipped | null {
  const shas = releases.flatMap((release) => (release ? [release.sha] : []));
  return shas.length > 0 ? { shas, at, how } : null;
}

/** The newest deploy that declared an effect, as long as it has no end: reconcile looks after a lost one. */
export function inFlight(rows: readonly Entry[]): string | null {
  const begun = rows.find(({ kind }) => kind === 'released');
  if (!begun) return null;
  const ended = rows.some(({ kind, deployId }) => kind === 'closed' && deployId === begun.deployId);
  return ended ? null : `${begun.deployId} is under way`;
}

type Served = Pick<HostState, 'host' | 'sha' | 'runningSha' | 'foreign'>;

/** The commits that one place serves: what is laid there, and what the process was started from. */
export const servedBy = ({ sha, runningSha, foreign }: Served): string[] =>
  [...new Set([sha ?? foreign?.sha, runningSha])].filter((it) => typeof it === 'string');

export function judgeServed(look: ServedLook): Judged {
  const { shipped, busy, live, silent } = look;
  if (busy !== null) return { verdict: 'busy', why: busy };
  if (!shipped)
    return { verdict: 'nothing-shipped', why: 'nothing was shipped or adopted here yet' };
  const others = live.flatMap((state) => strangers(state, shipped, look));
  if (others.length > 0) return otherThan(shipped, others);
  const dark = [
    ...silent.map(({ host, why }) => `${host}: ${why}`),
    ...live.filter((state) => servedBy(state).length === 0).map(({ host }) => `${host}: no commit`),
  ];
  if (dark.length > 0 || live.length === 0)
    return { verdict: 'unknown', why: dark.join('; ') || 'no place answered' };
  return { verdict: 'same', why: `${shortest(shipped)} is served, as ${shipped.how}` };
}

type Stranger = { host: string; what: string };

/** By files, not by commits: a revert, or a merge that changes nothing, is what was shipped. */
function strangers(state: Served, shipped: Shipped, { commits }: ServedLook): Stranger[] {
  const { host, sha, foreign } = state;
  const trees = shipped.shas.map((it) => commits[it]?.tree).filter((tree) => Boolean(tree));
  const isShipped = (it: string) =>
    shipped.shas.includes(it) || trees.includes(commits[it]?.tree ?? '');
  const found = servedBy(state).filter((it) => !isShipped(it));
  if (found.length > 0) return found.map((what) => ({ host, what }));
  const nameless = foreign && sha === null && foreign.sha === null;
  return nameless ? [{ host, what: foreign.path }] : [];
}

function otherThan(shipped: Shipped, others: Stranger[]): Judged {
  const named = others.map(({ host, what }) => `${nameOf(what)} on ${host}`).toSorted();
  const marks = others.map(({ host, what }) => `${host}=${what}`).toSorted();
  return {
    verdict: 'other',
    why: `${named.join(', ')}, though ${shortest(shipped)} was shipped last`,
    mark: [shipped.shas[0], ...marks].join(' '),
  };
}

const shortest = ({ shas }: Shipped) => shas.map(short).join(' or ');
const nameOf = (what: string) => (/^[0-9a-f]{40}$/.test(what) ? short(what) : what);

/** Whom to call about it: once for what is served, once when nothing can be told any more. */
export function followUp(
  place: Place,
  judged: Judged,
  last: SentinelFinding | undefined,
): { finding: SentinelFinding; call: 'other' | 'blind' | null } {
  const { verdict, mark } = judged;
  const misses = verdict === 'unknown' ? (last?.misses ?? 0) + 1 : 0;
  const known = verdict === 'same' ? null : (last?.told ?? null);
  const isNew = mark !== undefined && mark !== known;
  const finding = { ...place, ...judged, misses, told: mark ?? known };
  const call = isNew ? 'other' : misses === blindAfter ? 'blind' : null;
  return { finding, call };
}

/** Nobody was reached: the next look calls again. */
export const untold = (
  finding: SentinelFinding,
  last: SentinelFinding | undefined,
): SentinelFinding => ({
  ...finding,
  misses: Math.min(finding.misses, blindAfter - 1),
  told: finding.verdict === 'other' ? (last?.told ?? null) : finding.told,
});
