import { standingStop, stopKinds, type Stop } from '../../domain/policy/stop.ts';
import type { Ledger } from '../ledger.ts';

/** Lifts after the newest stop: it has one, or a few that came at once. */
const limit = 100;

/** Transient: the ledger did not answer, and then nothing may ship. */
export const readStop = async (ledger: Pick<Ledger, 'read'>): Promise<Stop | null> =>
  standingStop(await ledger.read({ kinds: [...stopKinds], limit }));
