import type { Store } from './store.ts';

/** `ts` is Slack's timestamp. It identifies the message in its channel. */
export type PostedMessage = { deployId: string; channel: string; step: string; ts: string };

/**
 * The messages that Plimsoll posted to Slack. With this table, Plimsoll finds old messages again.
 */
export type MessageBook = {
  /** Adds a message. Does nothing if the table already contains the message. */
  add(message: PostedMessage): Promise<void>;
  /** Returns the messages of a deploy in a channel, oldest first. */
  of(deployId: string, channel: string): Promise<PostedMessage[]>;
};

export function createMessageBook({ database, failure }: Store): MessageBook {
  const orLedgerFailure = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      throw failure(error);
    });
  return {
    add: async ({ deployId, ...message }) => {
      const adding = database
        .insertInto('slack_messages')
        .values({ deploy_id: deployId, ...message })
        .onConflict((conflict) => conflict.doNothing());
      await orLedgerFailure(adding.execute());
    },
    of: async (deployId, channel) => {
      const reading = database
        .selectFrom('slack_messages')
        .selectAll()
        .where('deploy_id', '=', deployId)
        .where('channel', '=', channel)
        .orderBy('ts');
      const rows = await orLedgerFailure(reading.execute());
      return rows.map(({ step, ts }) => ({ deployId, channel, step, ts }));
    },
  };
}
