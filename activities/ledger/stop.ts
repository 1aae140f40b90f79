import type { Entry } from '../../domain/activities.ts';
import { standingStop, stopKinds, type Stop } from '../../domain/policy/stop.ts';
import { whyNoMore, type Signers } from '../approval/still-holds.ts';
import type { Ledger } from '../ledger.ts';

/** Lifts after the newest stop: it has one, or a few that came at once. */
const limit = 100;

/** Transient: the ledger did not answer, and then nothing may ship. */
export async function readStop(
  ledger: Pick<Ledger, 'read'>,
  signers: Signers,
): Promise<Stop | null> {
  return standingStop(
    await judgeLifts(await ledger.read({ kinds: [...stopKinds], limit }), signers),
  );
}

/**
 * What lifts the newest stop is verified again, with the keys of today. The stop is not: one whose key was
 * revoked since goes on to hold the line until somebody lifts it.
 */
export async function judgeLifts(entries: readonly Entry[], signers: Signers): Promise<Entry[]> {
  const stop = entries.find(({ kind }) => kind === 'stopped')?.key;
  const judged: Entry[] = [];
  for (const entry of entries) {
    const { kind, body } = entry;
    const lifts = stop !== undefined && kind === 'resumed' && body['stop'] === stop;
    const invalid = lifts ? await whyNoMore(entry, 'resume', signers) : null;
    judged.push(invalid === null ? entry : { ...entry, body: { ...body, invalid } });
  }
  return judged;
}
