/** A message that Plimsoll posted to Slack for a deploy. No row is ever changed. */
export type MessageRow = {
  deploy_id: string;
  channel: string;
  step: string;
  /** Slack's timestamp, which identifies the message in its channel. */
  ts: string;
};

/**
 * Returns the SQL statement that creates the table. The hash chain does not cover the messages,
 * because they prove nothing. Plimsoll needs this table only to find a message again.
 */
export const messageTable = (prefix: string, strict: string) =>
  `CREATE TABLE IF NOT EXISTS ${prefix}slack_messages (
    deploy_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    step TEXT NOT NULL,
    ts TEXT NOT NULL,
    PRIMARY KEY (deploy_id, channel, ts)
  )${strict}`;
