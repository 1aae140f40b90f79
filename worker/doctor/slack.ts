import { slackClient, slackFailure } from '../../activities/slack/client.ts';
import type { Config } from '../../domain/schema.ts';
import { UserError } from '../../domain/user-error.ts';
import { secret } from '../secrets.ts';
import { absent, check, unchecked } from './finding.ts';
import type { Finding } from './finding.ts';
import { isSet } from './secrets.ts';

const scopes = ['chat:write', 'im:write'];

/** Who the token is, and the scopes that it lacks where Slack tells them. Posts nothing. */
export async function slack({ slack: at }: Config, env: NodeJS.ProcessEnv): Promise<Finding> {
  if (!at) return absent('Slack', notConfigured);
  const variable = at.token.slice('env:'.length);
  if (!isSet(at.token, env)) return unchecked('Slack', variable);
  return await check('Slack', async () => {
    const answer = await slackClient(at.api, secret(at.token, env))
      .auth.test()
      .catch((cause: unknown) => {
        const ask = { what: 'to say who the token is', channel: at.deployments, effect: false };
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
      'Add them under "OAuth & Permissions" of the app and install the app again.',
  );

const notConfigured =
  'not configured: deploys are announced nowhere, and nobody hears of one by message. Add slack: to have it.';
