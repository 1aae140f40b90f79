import { at, createLive, idAt } from '../../activities/lib/live.ts';
import type { Config } from '../../domain/config/config.ts';
import { slack as service } from '../../domain/services/slack.ts';
import type { LiveCheck, Shown } from '../../domain/services/live.ts';
import { secret } from '../config/secrets.ts';
import { isSet } from '../doctor/secrets.ts';

/** Tries every read that a deploy makes in the workspace. Posts nothing. */
export function slackLive({ slack }: Config, env: NodeJS.ProcessEnv): LiveCheck[] {
  if (!slack) return [];
  const variable = slack.token.slice('env:'.length);
  const run = async () => {
    const deps = { service, place: 'Slack', variable, token: secret(slack.token, env) };
    return await tryAll(slack.deployments, { ...deps, api: slack.api.replace(/\/$/, '') });
  };
  return [{ name: 'Slack', needs: isSet(slack.token, env) ? null : variable, run }];
}

const mostPages = 5;

async function tryAll(channel: string, deps: Parameters<typeof createLive>[0]) {
  const { read, end } = createLive(deps);
  const found = await read({ call: 'auth.test', path: '/auth.test', body: {} });
  if (!found) return end('Slack does not accept the token');
  const id = /^[CGD][A-Z0-9]{8,}$/.test(channel)
    ? channel
    : await idOf(read, channel.replace(/^#/, ''));
  if (id) {
    const history = await read({
      call: 'conversations.history',
      path: '/conversations.history',
      query: { channel: id, limit: 1 },
    });
    const ts = idAt(history?.data, 'messages', 0, 'ts');
    if (ts)
      await read({
        call: 'conversations.replies',
        path: '/conversations.replies',
        query: { channel: id, ts, limit: 1 },
      });
    await read({
      call: 'chat.scheduledMessages.list',
      path: '/chat.scheduledMessages.list',
      query: { channel: id, limit: 1 },
    });
  }
  return end(`the bot sees no channel "${channel}", or the channel has no message`, shown(found));
}

/** Finds the channel by its name. Each page after the first is read without a row in the table. */
async function idOf(read: ReturnType<typeof createLive>['read'], name: string) {
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const found = await read({
      call: 'conversations.list',
      path: '/conversations.list',
      query: {
        types: 'public_channel,private_channel',
        exclude_archived: true,
        limit: 200,
        cursor,
      },
    });
    const all = at(found?.data, 'channels');
    const named = Array.isArray(all) ? all.find((one) => at(one, 'name') === name) : undefined;
    if (named) return idAt(named, 'id');
    cursor = idAt(found?.data, 'response_metadata', 'next_cursor');
    if (!cursor) return undefined;
  }
  return undefined;
}

/** Slack names the scopes of the token in a header of every answer. */
function shown({ headers }: { headers: Headers }): Shown {
  const scopes = headers
    .get('x-oauth-scopes')
    ?.split(',')
    .map((scope) => scope.trim());
  return ({ permission }) => {
    const wanted = permission?.match(/^[a-z.]+:[a-z]+/)?.[0];
    if (!scopes || wanted === undefined || permission?.includes('app token')) return null;
    const may = scopes.includes(wanted);
    return { may, said: may ? '' : `the scopes of the token are: ${scopes.join(', ')}` };
  };
}
