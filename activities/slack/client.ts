import { WebClient } from '@slack/web-api';
import { failures } from '../../domain/failures.ts';
import { final, transient, unknown } from '../lib/fail.ts';

const silent = () => undefined;
/** The client's own log would show what it sends. */
export const quietLogger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  setLevel: silent,
  setName: silent,
  getLevel: () => 'error' as never,
};

/** Real WebClient; Temporal retries, so that the retry can look before it posts. */
export const slackClient = (api: string, token: string) =>
  new WebClient(token, {
    slackApiUrl: api.endsWith('/') ? api : `${api}/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    timeout: 10_000,
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
/** What we remembered is gone: the next attempt looks anew. */
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
        `Make a new one, set ${ask.variable} where the worker is started and start it again.`,
    );
  if (error === 'missing_scope')
    return cannot(
      `The Slack token in ${ask.variable} lacks the scope ${needed ?? 'for this'}: ${ask.what}.\n` +
        'Add it under "OAuth & Permissions" of the app and install the app again.',
    );
  if (busy.has(error)) return transient(`Slack is not well (${error}): ${ask.what}.`);
  if (forgotten.has(error)) return transient(`Slack has lost the message (${error}): ${ask.what}.`);
  return cannot(
    `Slack refused ${ask.what} in ${ask.channel} (${error}).\n` +
      'Invite the bot there (/invite), or correct the channel under slack: in plimsoll.yaml.',
  );
}

export const noChannel = (channel: string) =>
  cannot(
    `Slack has no channel "${channel}" that the bot may see.\n` +
      'Invite the bot there (/invite), or give its id (C…) under slack: in plimsoll.yaml.',
  );

/** A WebClient error as a failure of ours. An effect without an answer may have happened. */
export function slackFailure(cause: unknown, ask: SlackAsk): Error {
  const { code, data, retryAfter, statusCode } = cause as Problem;
  if (code === 'slack_webapi_rate_limited_error')
    return transient(`Slack limits our calls: ${ask.what}.`, (retryAfter ?? 30) * 1000);
  if (code === 'slack_webapi_platform_error') return refusedBySlack(data ?? {}, ask);
  const text = `Slack did not answer (${statusCode ?? 'no connection'}): ${ask.what}.`;
  return ask.effect ? unknown(text) : transient(text);
}
