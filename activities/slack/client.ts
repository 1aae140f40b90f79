import { WebClient } from '@slack/web-api';
import { failures } from '../../domain/deploy/failures.ts';
import { slackBusy, slackRefusal, slackSilent } from '../../domain/messages/slack-refusal.ts';
import type { SlackAsk } from '../../domain/messages/slack-refusal.ts';
import { final, transient, unknown } from '../lib/fail.ts';
import { boundedFetch } from '../lib/http.ts';
import { knownSecrets } from '../lib/known-secrets.ts';
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

/** Removes secrets from everything that is sent to Slack. */
class CleanClient extends WebClient {
  override async apiCall(method: string, options: Record<string, unknown> = {}) {
    return await super.apiCall(method, knownSecrets.cleanAll(options));
  }
}

/**
 * Makes the Slack client. The client does not retry, because Temporal retries the activity. A
 * retried activity first searches for the message, so it does not post a message twice.
 */
export const slackClient = (api: string, token: string) =>
  new CleanClient(token, {
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
  data?: {
    error?: string;
    needed?: string;
    response_metadata?: { retryAfter?: number };
  };
};

/**
 * Returns Slack's error word for a refused request, or null if Slack did not refuse the request.
 */
export function slackWord(cause: unknown): string | null {
  const { code, data } = cause as Problem;
  return code === 'slack_webapi_platform_error' ? (data?.error ?? 'no reason') : null;
}

/**
 * Turns an error of the Slack client into a failure. If a call changes something and gets no
 * answer, nobody knows whether it succeeded. Then the failure has the type 'unknownOutcome'.
 */
export function slackFailure(cause: unknown, ask: SlackAsk): Error {
  const { code, data, retryAfter, statusCode } = cause as Problem;
  if (code === 'slack_webapi_rate_limited_error')
    return transient(slackBusy(ask), retryAfterSeconds(retryAfter, { usualMs: 30_000 }));
  const error = slackWord(cause);
  if (error !== null) return refused(error, data ?? {}, ask);
  const text = slackSilent(ask, statusCode ?? 'no connection');
  return ask.effect ? unknown(text) : transient(text);
}

function refused(
  error: string,
  { needed, response_metadata: more }: Problem['data'] & {},
  ask: SlackAsk,
) {
  const { kind, text, waitMs } = slackRefusal({ error, needed }, ask);
  if (kind === 'final') return final(failures.misconfigured, text);
  if (kind === 'maybe' && ask.effect) return unknown(text);
  if (waitMs === undefined) return transient(text);
  return transient(text, retryAfterSeconds(more?.retryAfter, { usualMs: waitMs }));
}
