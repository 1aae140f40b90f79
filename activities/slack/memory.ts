import type { DeployRef } from '../../domain/deploy/place.ts';
import type { Ledger } from '../ledger/types.ts';
import type { Found } from './board.ts';

export type SlackLedger = Pick<Ledger, 'messages' | 'read'>;

/** What the ledger knows about the messages of a deploy in one channel. */
export type Memory = {
  /** The known messages, oldest first. */
  messages: Found[];
  add(found: Found): Promise<void>;
  /**
   * Returns a time in epoch seconds. Slack is searched only after this time for messages of the
   * deploy that the ledger does not know.
   */
  since(): Promise<number>;
};

const threeDays = 3 * 24 * 3600;
/** The clock of the worker and the clock of Slack may differ. */
const clocksDiffer = 10 * 60;

/**
 * Reads the ledger. Messages to people do not depend on the ledger: if the ledger does not answer,
 * Slack is searched instead, and the message is recorded when it is next found.
 */
export async function recall(
  ledger: SlackLedger,
  deploy: DeployRef,
  channel: string,
): Promise<Memory> {
  const { deployId, project, environment } = deploy;
  const known = await ledger.messages.of(deployId, channel).catch(() => null);
  return {
    messages: known ?? [],
    async add({ step, ts }) {
      if (known === null || known.some((one) => one.ts === ts)) return;
      await ledger.messages.add({ deployId, channel, step, ts }).catch(() => undefined);
    },
    async since() {
      const asked = { project, environment, kinds: ['started' as const], limit: 100 };
      const entries = known === null ? [] : await ledger.read(asked).catch(() => []);
      const started = entries.find((entry) => entry.deployId === deployId);
      return started ? Date.parse(started.at) / 1000 - clocksDiffer : Date.now() / 1000 - threeDays;
    },
  };
}
