import { slackClient, slackFailure } from '../../activities/slack/client.ts';
import type { Config } from '../../domain/config/config.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { secret } from '../config/secrets.ts';
import { absent, check, unchecked } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';
import { isSet } from './secrets.ts';

const scopes = ['chat:write', 'im:write'];

/** Checks the identity of the token, and its scopes if Slack reports them. Posts nothing. */
export async function slack({ slack: at }: Config, env: NodeJS.ProcessEnv): Promise<Finding> {
  if (!at) return absent('Slack', notConfigured);
  const variable = at.token.slice('env:'.length);
  if (!isSet(at.token, env)) return unchecked('Slack', variable);
  return await check('Slack', async () => {
    const answer = await slackClient(at.api, secret(at.token, env))
      .auth.test()
      .catch((cause: unknown) => {
        const ask = { what: 'the identity of the token', channel: at.deployments, effect: false };
        throw slackFailure(cause, { ...ask, variable });
      });
    const known = answer.response_metadata?.scopes;
    const lacking = known ? scopes.filter((scope) => !known.includes(scope)) : [];
    if (lacking.length > 0) throw lacks(variable, lacking);
    return `${variable} is ${answer.user} in ${answer.team}`;
  });
}

const lacks = (variable: string, lacking: string[]) =>
  new UserError(
    `The Slack token in ${variable} lacks: ${lacking.join(', ')}.\n` +
      'Add the missing scopes under "OAuth & Permissions" of the app and install the app again.',
  );

const notConfigured =
  'not configured: nobody gets a Slack message about a deploy. To change this, add slack: to plimsoll.yaml.';
