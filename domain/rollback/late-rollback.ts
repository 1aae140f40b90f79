import type { Entry } from '../contract/ledger.ts';
import type { Commit, HostState, Plan, Release } from '../deploy/plan.ts';
import { isStaged } from './rollback-target.ts';
import { isOlder, untouched } from './older.ts';
import { provenEntries, releaseOf } from './recall.ts';

/** The facts about a place. Entries of the ledger are newest first. */
export type LateFacts = {
  /**
   * Entries of the kinds `released`, `closed`, `adopted` and `revert` of the place, and of the kinds
   * `quarantine`, `lifted` and `incident` of the project.
   */
  entries: readonly Entry[];
  /** True if older `released` entries exist that were not read. */
  cut: boolean;
  /** The hosts that answered. */
  live: readonly HostState[];
};

/** A release to which the place can be rolled back now. */
export type Reachable = {
  release: Release;
  /** ISO time of the proof. */
  provenAt: string;
  /** Migrations between this release and the live one that may not be undone; absent = none. */
  forwardOnly?: string;
};

export type LateChoice =
  | { kind: 'rollback'; from: Release; to: Reachable }
  /** `again`: the last deploy was rolled back to the live release. */
  | { kind: 'nothing'; why: 'served' | 'again'; sha: string }
  | { kind: 'impossible'; why: LateRefusal };

export type LateRefusal =
  | { why: 'unknown-live' | 'none-older' }
  | { why: 'not-proven' | 'quarantined' | 'newer' | 'gone'; sha: string }
  | { why: 'ambiguous'; wanted: string }
  | { why: 'no-return'; sha: string; because: string };

/**
 * Returns the release that is live. If the hosts serve several releases, returns the newest of
 * them.
 */
export function liveRelease({ entries, live }: LateFacts): Release | null {
  const served = [...new Set(live.map(({ sha }) => sha))].filter((sha) => sha !== null);
  const [sha] = served.toSorted((a, b) => (isOlder(entries, a, b) ? 1 : -1));
  if (sha === undefined) return null;
  const known = entries.map(releaseOf).find((release) => release?.sha === sha);
  return known ?? { id: sha.slice(0, 12), sha };
}

/** Returns every release to which the place can be rolled back now, newest proof first. */
export function reachable(facts: LateFacts): Reachable[] {
  const from = liveRelease(facts);
  if (!from) return [];
  return proofs(facts).flatMap((proof) => {
    const checked = check(facts, from, proof);
    return 'to' in checked ? [checked.to] : [];
  });
}

/**
 * Chooses the release to roll back to. `wanted`: the first digits of a commit; null = the newest
 * proven release that is older than the live one and that the platform can still serve.
 */
export function chooseLate(facts: LateFacts, wanted: string | null): LateChoice {
  const from = liveRelease(facts);
  if (!from) return impossible({ why: 'unknown-live' });
  if (wanted !== null) return chosen(facts, from, wanted);
  if (isAlreadyBack(facts, from)) return { kind: 'nothing', why: 'again', sha: from.sha };
  const [to] = reachable(facts);
  if (to) return { kind: 'rollback', from, to };
  const [first] = proofs(facts).flatMap((proof) => {
    const checked = check(facts, from, proof);
    return 'why' in checked && checked.why.why === 'no-return' ? [checked.why] : [];
  });
  return impossible(first ?? { why: 'none-older' });
}

const impossible = (why: LateRefusal): LateChoice => ({ kind: 'impossible', why });

function chosen(facts: LateFacts, from: Release, wanted: string): LateChoice {
  const { live, entries } = facts;
  if (from.sha.startsWith(wanted) && live.every(({ sha, healthy }) => sha === from.sha && healthy))
    return { kind: 'nothing', why: 'served', sha: from.sha };
  const known = [...new Set(entries.flatMap((entry) => releaseOf(entry)?.sha ?? []))];
  const fits = known.filter((sha) => sha.startsWith(wanted));
  if (fits.length > 1) return impossible({ why: 'ambiguous', wanted });
  const sha = fits[0] ?? wanted;
  const proof = proofs(facts).find((one) => releaseOf(one)?.sha === sha);
  if (proof) {
    const checked = check(facts, from, proof);
    return 'to' in checked ? { kind: 'rollback', from, to: checked.to } : impossible(checked.why);
  }
  const once = entries.some(
    (entry) =>
      entry.kind === 'closed' &&
      entry.body['outcome'] === 'succeeded' &&
      releaseOf(entry)?.sha === sha,
  );
  return impossible({ why: once ? 'quarantined' : 'not-proven', sha });
}

/** Returns the newest proof of each commit, newest first. */
function proofs({ entries }: LateFacts): Entry[] {
  const seen = new Set<string>();
  return provenEntries(entries).filter((entry) => {
    const sha = releaseOf(entry)?.sha ?? '';
    if (seen.has(sha)) return false;
    seen.add(sha);
    return true;
  });
}

type Checked = { to: Reachable } | { why: LateRefusal };

function check(facts: LateFacts, from: Release, proof: Entry): Checked {
  const { entries, live } = facts;
  const release = releaseOf(proof) as Release;
  const { sha } = release;
  if (!isOlder(entries, sha, from.sha)) return { why: { why: 'newer', sha } };
  if (!isStaged(sha, live)) return { why: { why: 'gone', sha } };
  const because = plansSince(facts, proof).find(({ noReturn }) => noReturn !== undefined)?.noReturn;
  if (because !== undefined) return { why: { why: 'no-return', sha, because } };
  const forwardOnly = crossed(facts, from, proof);
  return {
    to: {
      release: withPlatformId(release, live),
      provenAt: proof.at,
      ...(forwardOnly === null ? {} : { forwardOnly }),
    },
  };
}

/** Returns the plans of all deploys that changed production after this proof, newest first. */
export function plansSince({ entries }: LateFacts, { seq }: Pick<Entry, 'seq'>): Plan[] {
  return entries.flatMap((entry) =>
    entry.kind === 'released' && entry.seq > seq && entry.body['plan']
      ? [entry.body['plan'] as Plan]
      : [],
  );
}

/**
 * Returns the migrations between the proof and the live release that may not be undone, or null. A
 * deploy that the ledger does not know counts as a migration.
 */
function crossed(facts: LateFacts, from: Release, proof: Entry): string | null {
  const { entries, cut } = facts;
  const plans = plansSince(facts, proof);
  const oldest = entries.findLast(({ kind }) => kind === 'released');
  const unread =
    (cut && (oldest === undefined || oldest.seq > proof.seq)) ||
    !plans.some(({ sha, late }) => sha === from.sha && !late);
  const found = new Set(
    plans.map(({ forwardOnly }) => forwardOnly).filter((it) => it !== undefined),
  );
  const all = [...found, ...(unread ? [notRead] : [])];
  return all.length > 0 ? all.join('; ') : null;
}

const notRead =
  'the ledger does not know every deploy since then, and an unknown deploy may contain migrations';

/** Adds the id with which the platform serves the release. */
function withPlatformId(release: Release, live: readonly HostState[]): Release {
  const [state] = live;
  const id = state?.sha === release.sha ? state.id : state?.ids?.[release.sha];
  return id === undefined ? release : { ...release, platformId: id };
}

/**
 * Returns true if the newest deploy that changed production was rolled back to the live release.
 */
function isAlreadyBack({ entries, live }: LateFacts, from: Release): boolean {
  const newest = entries.find(
    ({ kind, body }) =>
      kind === 'adopted' || (kind === 'closed' && !untouched.includes(body['outcome'])),
  );
  if (!newest || !backOutcomes.includes(newest.body['outcome'])) return false;
  const begun = entries.find(
    ({ kind, deployId }) => kind === 'released' && deployId === newest.deployId,
  );
  const target = begun && releaseOf({ body: { release: begun.body['rollbackTarget'] } });
  return target?.sha === from.sha && live.every(({ sha }) => sha === from.sha);
}

const backOutcomes: unknown[] = ['rolled-back', 'rolled-back-still-failing'];

/**
 * Returns the commits of all deploys since the proof of `sha`, newest first. Each commit is listed
 * once.
 */
export function commitsSince(facts: LateFacts, sha: string): Commit[] {
  const proof = proofs(facts).find((entry) => releaseOf(entry)?.sha === sha);
  const all = proof ? plansSince(facts, proof).filter(({ late }) => !late) : [];
  const listed = new Map(all.flatMap(({ commits }) => commits).map((one) => [one.sha, one]));
  return [...listed.values()];
}
