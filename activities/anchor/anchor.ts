import { z } from 'zod';
import type { Config } from '../../domain/config/config.ts';
import type { AnchorReport, LedgerChain } from '../../domain/contract/ledger.ts';
import {
  ledgerFaults,
  ledgerWasChanged,
  anchorForged,
  notAnchored,
} from '../../domain/messages/ledger.ts';
import type { Token } from '../git/mirror.ts';
import type { LinkRow } from '../ledger/link-table.ts';
import type { Ledger } from '../ledger/types.ts';
import { gitAnchor } from './git-anchor.ts';
import { slackAnchor } from './slack-anchor.ts';

/**
 * Keeps copies of links at a place outside of the ledger. `place` is the name of this place, for
 * people.
 */
export type Anchor = {
  place: string;
  /** The shortest time between two anchors, in milliseconds. */
  everyMs: number;
  /** Returns the newest copy, or null if there is none. Throws if the place does not answer. */
  read(): Promise<unknown>;
  /** Adds a copy. Earlier copies stay. Throws if the place does not accept it. */
  write(link: LinkRow): Promise<void>;
};

type Deps = { secret: (ref: string) => string; token: Token };

/** Returns the configured place of the anchors, or null if there is none. */
export function createAnchor(
  config: Pick<Config, 'anchor' | 'slack'>,
  { secret, token }: Deps,
): Anchor | null {
  const { anchor = 'off', slack } = config;
  if (anchor === 'off') return null;
  if ('git' in anchor) return gitAnchor(anchor.git, token);
  return slack ? slackAnchor(slack, { channel: anchor.slack, secret }) : null;
}

const Link = z.object({
  seq: z.number().int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
  seal: z.string().max(200),
});

type Found = { link: LinkRow | null; forged: string | null };

/** Reads the newest anchor, and checks that a worker made it. */
async function readAnchor(ledger: Pick<Ledger, 'whyForged'>, anchor: Anchor): Promise<Found> {
  const found = await anchor.read();
  if (found === null) return { link: null, forged: null };
  const parsed = Link.safeParse(found);
  if (!parsed.success) return { link: null, forged: 'it is not a head of a ledger' };
  const forged = await ledger.whyForged(parsed.data);
  return { link: forged === null ? parsed.data : null, forged };
}

/** If a link has no anchor after this time, its anchor counts as missing. In milliseconds. */
const missingMs = 2 * 60 * 60_000;

/** Verifies every row of the ledger, and compares the newest anchor with the rows. */
export async function verifyWithAnchor(
  ledger: Pick<Ledger, 'verify' | 'whyForged'>,
  anchor: Anchor | null,
  now: number,
): Promise<LedgerChain> {
  if (!anchor) return withReport(await ledger.verify(), { state: 'off' });
  const { place } = anchor;
  const found = await readAnchor(ledger, anchor).catch((cause: Error) => ({ why: cause.message }));
  if ('why' in found)
    return withReport(await ledger.verify(), { state: 'unreadable', place, why: found.why });
  const { link, forged } = found;
  if (forged !== null)
    return withReport(await ledger.verify(), { state: 'forged', place, why: forged });
  if (link) {
    const { seq, at } = link;
    const checkedAt = new Date(now).toISOString();
    const holds = { state: 'holds', place, seq, at, checkedAt } as const;
    return withReport(await ledger.verify({ ...link, place }), holds);
  }
  const chain = await ledger.verify();
  const late = chain.ok && chain.linked && now - Date.parse(chain.linked.at) > missingMs;
  return withReport(chain, { state: late ? 'missing' : 'none', place });
}

const withReport = (
  chain: Awaited<ReturnType<Ledger['verify']>>,
  anchor: AnchorReport,
): LedgerChain => (chain.ok ? { ...chain, anchor } : chain);

/**
 * A line for people about a problem with the ledger or its anchor. `isChange` is true if somebody
 * other than a worker changed one of them. Then people are paged.
 */
export type Finding = { line: string; isChange: boolean };

export const changed = (why: string): Finding => ({ line: ledgerWasChanged(why), isChange: true });

const retryMs = 5 * 60_000;

/**
 * Makes the function that anchors the newest link, at most once in `anchor.everyMs`. The function
 * first reads the newest anchor. The function anchors nothing if no worker made this anchor, or if
 * the ledger differs from this anchor. The function returns a finding, or null. The function never
 * rejects.
 */
export function createAnchoring(ledger: Pick<Ledger, 'contains' | 'whyForged'>, anchor: Anchor) {
  const { place, everyMs } = anchor;
  let nextAt = 0;
  let finding: Finding | null = null;

  async function once(link: LinkRow, now: number): Promise<Finding | null> {
    const { link: found, forged } = await readAnchor(ledger, anchor);
    if (forged !== null) return { line: anchorForged(place, forged), isChange: true };
    if (found) {
      if (!(await ledger.contains(found)))
        return changed(ledgerFaults.notAsAnchored(found.seq, found.at, place));
      if (found.seq >= link.seq) return null;
      const freshUntil = Date.parse(found.at) + everyMs;
      if (now < freshUntil) {
        nextAt = freshUntil;
        return null;
      }
    }
    await anchor.write(link);
    return null;
  }

  return async (link: LinkRow | null, now: number): Promise<Finding | null> => {
    if (!link || now < nextAt) return finding;
    nextAt = now + Math.min(everyMs, retryMs);
    finding = await once(link, now).catch((cause: Error) => ({
      line: notAnchored(place, cause.message),
      isChange: false,
    }));
    return finding;
  };
}
