import type { DeployRef } from '../../domain/deploy/place.ts';
import type { Ledger } from '../ledger/types.ts';
import type { Found } from './board.ts';

export type SlackLedger = Pick<Ledger, 'messages' | 'read'>;

/** The messages of a deploy in one channel, as the ledger knows them. */
export type Memory = {
  /** The known messages, oldest first. */
  messages: Found[];
  add(found: Found): Promise<void>;
  /**
   * Returns the time at which a search in Slack begins, in epoch seconds. A message that is not in
   * the ledger cannot be older.
   */
  since(): Promise<number>;
};

const threeDays = 3 * 24 * 3600;
/** The accepted difference between the clocks of the worker and of Slack, in seconds. */
const clocksDiffer = 10 * 60;

/**
 * Reads the messages of a deploy from the ledger. Never rejects, because messages to people must
 * not depend on the ledger. If the ledger does not answer, `messages` is empty. Then the caller
 * searches Slack, and a later call records the message.
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
