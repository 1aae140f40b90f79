import { WebClient } from '@slack/web-api';
import { failures } from '../../domain/deploy/failures.ts';
import { final, transient, unknown } from '../lib/fail.ts';
import { boundedFetch } from '../lib/http.ts';
import { retryAfterSeconds } from '../lib/retry-after.ts';

const timeoutMs = 10_000;
const silent = () => undefined;
/** A logger that prints nothing. The logger of the Slack client would print the sent messages. */
export const quietLogger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  setLevel: silent,
  setName: silent,
  getLevel: () => 'error' as never,
};

/**
 * Makes the Slack client. The client itself does not retry, but Temporal retries the activity. A
 * retried activity first searches for the message, so no message is posted twice.
 */
export const slackClient = (api: string, token: string) =>
  new WebClient(token, {
    slackApiUrl: api.endsWith('/') ? api : `${api}/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    timeout: timeoutMs,
    fetch: boundedFetch(timeoutMs),
    logger: quietLogger,
  });

type Problem = {
  code?: string;
  retryAfter?: number;
  statusCode?: number;
  data?: { error?: string; needed?: string };
};

const badToken = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
]);
const busy = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
  'team_added_to_org',
]);
/**
 * Slack's errors if the message or its thread was deleted. The next attempt searches for the
 * messages again.
 */
const forgotten = new Set(['message_not_found', 'thread_not_found']);

export type SlackAsk = { what: string; channel: string; variable: string; effect: boolean };

const cannot = (text: string) => final(failures.misconfigured, text);

function refusedBySlack(
  { error = 'no reason', needed }: NonNullable<Problem['data']>,
  ask: SlackAsk,
) {
  if (badToken.has(error))
    return cannot(
      `Slack does not accept the token in ${ask.variable} (${error}).\n` +
        `Make a new token, set ${ask.variable} where the worker is started, ` +
        'and start the worker again.',
    );
  if (error === 'missing_scope')
    return cannot(
      `Slack refused the request for ${ask.what}, because the token in ${ask.variable} ` +
        `lacks the scope ${needed ?? 'for this request'}.\n` +
        'Add the scope under "OAuth & Permissions" of the app and install the app again.',
    );
  if (busy.has(error))
    return transient(`Slack did not complete the request for ${ask.what} (${error}).`);
  if (forgotten.has(error))
    return transient(`Slack did not find the message for ${ask.what} (${error}).`);
  return cannot(
    `Slack refused the request for ${ask.what} in ${ask.channel} (${error}).\n` +
      'Invite the bot to the channel (/invite), or correct the channel under slack: in plimsoll.yaml.',
  );
}

export const noChannel = (channel: string) =>
  cannot(
    `Slack has no channel "${channel}" that the bot may see.\n` +
      'Invite the bot to the channel (/invite), or give the id of the channel (C…) under slack: in plimsoll.yaml.',
  );

/**
 * Turns an error of the Slack client into a failure. If a call that changes something got no
 * answer, the failure has the type 'unknownOutcome', because the change may have happened.
 */
export function slackFailure(cause: unknown, ask: SlackAsk): Error {
  const { code, data, retryAfter, statusCode } = cause as Problem;
  if (code === 'slack_webapi_rate_limited_error')
    return transient(
      `Slack has a limit for requests and refused the request for ${ask.what}.`,
      retryAfterSeconds(retryAfter, { usualMs: 30_000 }),
    );
  if (code === 'slack_webapi_platform_error') return refusedBySlack(data ?? {}, ask);
  const why = statusCode ?? 'no connection';
  const text = `Slack did not answer the request for ${ask.what} (${why}).`;
  return ask.effect ? unknown(text) : transient(text);
}
