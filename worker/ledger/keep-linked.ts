import { setTimeout as delay } from 'node:timers/promises';
import { createAnchoring } from '../../activities/anchor/anchor.ts';
import type { Anchor } from '../../activities/anchor/anchor.ts';
import type { Ledger } from '../../activities/ledger/types.ts';
import { ledgerWasChanged } from '../../domain/messages/ledger.ts';

type Deps = {
  ledger: Pick<Ledger, 'recordKeys' | 'link' | 'contains' | 'whyForged'>;
  /**
   * The place outside of the ledger that keeps copies of its head. Null: there is no such place.
   */
  anchor: Anchor | null;
  /** Receives a line for the people who read the output of the worker. */
  warn: (line: string) => void;
};

const everyMs = 60_000;
/**
 * The shortest time between two links, in milliseconds. Several workers try each minute, but
 * together they link at most about once a minute.
 */
const linkEveryMs = 50_000;

/**
 * Records this worker's key in the ledger. Then links the new rows every minute, and anchors the
 * newest link. Every worker does this, but only one worker links at a time. Ends after `signal`
 * aborts. Never rejects.
 */
export async function keepLinked(deps: Deps, signal: AbortSignal): Promise<void> {
  const round = createRound(deps);
  let last = '';
  while (!signal.aborted) {
    const line = await round(Date.now()).catch((cause: Error) => cause.message);
    if (line !== null && line !== last && !signal.aborted) deps.warn(line);
    last = line ?? '';
    await delay(everyMs, undefined, { signal, ref: false }).catch(() => {});
  }
}

/**
 * Makes the function for one round. The function returns a line for people if a row is wrong or the
 * anchor cannot be written, else null. It rejects if the ledger does not answer.
 */
export function createRound({ ledger, anchor }: Omit<Deps, 'warn'>) {
  const anchoring = anchor ? createAnchoring(ledger, anchor) : async () => null;
  let recorded = false;
  return async (now: number): Promise<string | null> => {
    const wrong = recorded ? null : await ledger.recordKeys();
    if (wrong) return ledgerWasChanged(wrong.why);
    recorded = true;
    const linked = await ledger.link(now, linkEveryMs);
    if (linked.wrong) return ledgerWasChanged(linked.wrong.why);
    return await anchoring(linked.link, now);
  };
}
