import { createSlackBoard } from '../../activities/slack/board.ts';
import { slackClient, slackFailure } from '../../activities/slack/client.ts';
import type { Config } from '../../domain/config/config.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { rotatingToken } from '../../domain/messages/slack-refusal.ts';
import { scopesMissing, scopesUnread } from '../../domain/messages/slack-scopes.ts';
import { secret } from '../config/secrets.ts';
import { absent, check, unchecked } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';
import { isSet } from './secrets.ts';

/**
 * Checks the identity of the token, its scopes, and whether the bot can read the configured
 * channels. Posts nothing.
 */
export async function slack({ slack: at }: Config, env: NodeJS.ProcessEnv): Promise<Finding> {
  if (!at) return absent('Slack', notConfigured);
  const variable = at.token.slice('env:'.length);
  if (!isSet(at.token, env)) return unchecked('Slack', variable);
  let scopesKnown = true;
  const finding = await check('Slack', async () => {
    const token = secret(at.token, env);
    if (token.startsWith('xoxe.')) throw new UserError(rotatingToken(variable));
    const client = slackClient(at.api, token);
    const answer = await client.auth.test().catch((cause: unknown) => {
      const what = 'the identity of the token';
      throw slackFailure(cause, { method: 'auth.test', what, variable, effect: false });
    });
    const scopes = answer.response_metadata?.scopes;
    scopesKnown = scopes !== undefined;
    const missing = scopes ? scopesMissing(variable, scopes) : null;
    if (missing !== null) throw new UserError(missing);
    const channels = [...new Set([at.deployments, at.incidents])];
    await readAll(createSlackBoard(client, variable), channels);
    return `${variable} is ${answer.user} in ${answer.team}, and reads ${channels.join(' and ')}`;
  });
  return finding.state === 'ok' && !scopesKnown ? unchecked('Slack', scopesUnread) : finding;
}

type Board = Pick<ReturnType<typeof createSlackBoard>, 'channelId' | 'mayRead'>;

/** Reads every channel. Throws one error that names every channel that cannot be read. */
async function readAll(board: Board, channels: readonly string[]) {
  const read = await Promise.allSettled(
    channels.map(async (channel) => board.mayRead(await board.channelId(channel))),
  );
  const failed = read.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
  const texts = [...new Set(failed.map(({ message }) => message))];
  if (texts.length > 0) throw new UserError(texts.join('\n'));
}

const notConfigured =
  'not configured: nobody gets a Slack message about a deploy. To change this, add slack: to plimsoll.yaml.';
