import { setTimeout as delay } from 'node:timers/promises';
import { changed, createAnchoring } from '../../activities/anchor/anchor.ts';
import type { Anchor, Finding } from '../../activities/anchor/anchor.ts';
import { hashOf } from '../../activities/authority/warrant.ts';
import type { Ledger } from '../../activities/ledger/types.ts';
import { ledgerPage } from '../../domain/messages/ledger.ts';
import { deliverPage } from '../deliver-page.ts';
import type { PageDeps } from '../deliver-page.ts';

type Deps = PageDeps & {
  ledger: Pick<Ledger, 'recordKeys' | 'link' | 'contains' | 'whyForged'>;
  /**
   * The place outside of the ledger that keeps copies of the newest link. Null means that there is
   * no such place.
   */
  anchor: Anchor | null;
};

const everyMs = 60_000;
/**
 * The shortest time between two links, in milliseconds. Every worker tries each minute, but
 * together they link about once a minute.
 */
const linkEveryMs = 50_000;

/**
 * Records this worker's key in the ledger. Then links the new rows every minute, and anchors the
 * newest link. Every worker does this, but only one worker links at a time. If somebody changed the
 * ledger, people are paged. Ends after `signal` aborts. Never rejects.
 */
export async function keepLinked(deps: Deps, signal: AbortSignal): Promise<void> {
  const round = createRound(deps);
  const page = createPaging(deps);
  let last = '';
  while (!signal.aborted) {
    const now = Date.now();
    const found = await round(now).catch((cause: Error) => ({
      line: cause.message,
      isChange: false,
    }));
    const line = found?.line ?? '';
    if (line !== '' && line !== last && !signal.aborted) deps.warn(line);
    last = line;
    if (found?.isChange && !signal.aborted) await page(found, now);
    await delay(everyMs, undefined, { signal, ref: false }).catch(() => {});
  }
}

const mostPages = 5;
const dayMs = 24 * 60 * 60_000;

/**
 * Makes the function that pages people about a finding. It pages once for each finding, and at most
 * five times in 24 hours. The ledger does not remember these pages, because the person who changed
 * the ledger could have written such an entry. If nobody received a page, it is sent again.
 */
export function createPaging(deps: PageDeps) {
  const sent = new Map<string, number>();
  return async ({ line }: Finding, now: number): Promise<void> => {
    const key = hashOf(line).slice(0, 12);
    const newest = [...sent.values()].filter((at) => now - at < dayMs);
    if (sent.has(key) || newest.length >= mostPages) return;
    if (await deliverPage(deps, ledgerPage(line, key))) sent.set(key, now);
  };
}

/**
 * Makes the function for one round. The function returns a finding if a row is wrong or the anchor
 * cannot be written. Otherwise, the function returns null. It rejects if the ledger does not
 * answer.
 */
export function createRound({ ledger, anchor }: Pick<Deps, 'ledger' | 'anchor'>) {
  const anchoring = anchor ? createAnchoring(ledger, anchor) : async () => null;
  let recorded = false;
  return async (now: number): Promise<Finding | null> => {
    const wrong = recorded ? null : await ledger.recordKeys();
    if (wrong) return changed(wrong.why);
    recorded = true;
    const linked = await ledger.link(now, linkEveryMs);
    if (linked.wrong) return changed(linked.wrong.why);
    return await anchoring(linked.link, now);
  };
}
