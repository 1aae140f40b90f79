import type { Plan, Warrant } from '../../domain/deploy/plan.ts';
import type { Seals } from '../lib/seals.ts';
import { own } from '../lib/own.ts';
import { currentRun } from '../lib/temporal-context.ts';
import { hashOf, refused, vouchedBy } from './warrant.ts';

type Entry = Record<string, unknown>;

/**
 * The entries that a workflow may add to the ledger without a warrant. For each kind, the pattern
 * matches the allowed keys. None of these entries opens a gate. The ledger keeps only the first
 * entry with a key. So the pattern must not match the key of any other entry.
 */
const free: Record<string, RegExp> = {
  flag: /^d-\w+\/flag\/\d+$/,
  request: /^(request\/[^/]+\/ruling|d-\w+\/request\/\d+|push\/.+)$/,
  drift: /^drift\/.+$/,
  budget: /^budget\/.+$/,
  'incident-closed': /^incident-[^/]+\/closed$/,
};

/** True if any workflow may add this entry. */
export const isFree = ({ kind, key }: Entry): boolean =>
  own(free, String(kind))?.test(String(key)) ?? false;

/** The longest time from the plan of an adoption to its ledger entry, in milliseconds. */
const adoptionMs = 3 * 60 * 60_000;

/**
 * Checks that this workflow run planned the adoption, and that the entry names the adopted release.
 */
export function mayRecordAdoption(warrant: Warrant, { key, body }: Entry, now: number): void {
  const { release } = (body ?? {}) as { release?: unknown };
  if (currentRun() !== warrant.runId) throw refused('another workflow run planned the adoption');
  if (now - Date.parse(warrant.sealedAt) > adoptionMs) throw refused('the adoption is too old');
  if (!/^request\/[^/]+$/.test(String(key))) throw refused('an adoption has another key');
  if (!release) throw refused('the entry names no adopted release');
}

/** The kinds of entries whose `sha` and `release` must be those of the deploy. */
const aboutRelease = ['released', 'closed', 'adopted', 'incident', 'quarantine'];

/** Checks that the entry does not name another release than the warrant. */
export function namesOwnRelease(warrant: Warrant, { kind, body }: Entry): void {
  if (!aboutRelease.includes(String(kind))) return;
  const { release, sha } = (body ?? {}) as { release?: unknown; sha?: unknown };
  const other = release !== undefined && hashOf(release) !== hashOf(warrant.release);
  if (other || (sha !== undefined && sha !== warrant.deploy.sha))
    throw refused('the entry names the release of another deploy');
}

/** Checks that a worker sealed this plan, and that the warrant belongs to this plan. */
export function isPlanOf(seals: Seals, warrant: Warrant, plan: Plan | undefined): void {
  if (vouchedBy(seals, plan).seal !== warrant.seal)
    throw refused('the plan is the plan of another deploy');
}
