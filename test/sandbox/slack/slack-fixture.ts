import { WebClient } from '@slack/web-api';
import { Board } from '../../../sandbox/board.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import type { SlackOptions } from '../../../sandbox/slack/slack.ts';

export const ada = { id: 'U0ADA', name: 'ada', email: 'ada@example.test', isBot: false };

const quiet = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => 'error' as never,
};

/** Returns a real WebClient of Slack that does not repeat failed calls. */
export const slackClient = (slackApiUrl: string, token?: string) =>
  new WebClient(token, {
    slackApiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 5000,
    logger: quiet,
  });

export const slackFixture = async (options: Partial<SlackOptions> = {}) => {
  const board = new Board();
  const token = 'xoxb-secret';
  const slack = await startSlack({ board, token, users: [ada], slowMs: 200, ...options });
  const web = slackClient(slack.api, 'xoxb-secret');
  return { board, slack, web, close: () => slack.close() };
};
export type SlackFixture = Awaited<ReturnType<typeof slackFixture>>;

/**
 * Returns the error name from Slack, or the error code of the client. Returns "accepted" if the
 * call succeeded.
 */
export const slackError = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'accepted',
    (error) => error.data?.error ?? error.code,
  );
