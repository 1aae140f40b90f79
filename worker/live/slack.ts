import { at, createLive, idAt } from '../../activities/lib/live.ts';
import type { Config } from '../../domain/config/config.ts';
import { slack as service } from '../../domain/services/slack.ts';
import { slackScopes } from '../../domain/services/slack-scopes.ts';
import type { SlackMethod } from '../../domain/services/slack-scopes.ts';
import type { LiveCheck, Shown } from '../../domain/services/live.ts';
import { secret } from '../config/secrets.ts';
import { isSet } from '../doctor/secrets.ts';

/** Makes every read request of a deploy at Slack. Posts nothing. */
export function slackLive({ slack }: Config, env: NodeJS.ProcessEnv): LiveCheck[] {
  if (!slack) return [];
  const variable = slack.token.slice('env:'.length);
  const run = async () => {
    const deps = { service, place: 'Slack', variable, token: secret(slack.token, env) };
    const channels = [...new Set([slack.deployments, slack.incidents])];
    return await tryAll(channels, { ...deps, api: slack.api.replace(/\/$/, '') });
  };
  return [{ name: 'Slack', needs: isSet(slack.token, env) ? null : variable, run }];
}

const mostPages = 5;

type Read = ReturnType<typeof createLive>['read'];

async function tryAll(channels: readonly string[], deps: Parameters<typeof createLive>[0]) {
  const { read, end } = createLive(deps);
  const found = await read({ call: 'auth.test', path: '/auth.test', body: {} });
  if (!found) return end('Slack does not accept the token');
  const unseen: string[] = [];
  for (const channel of channels) {
    const id = /^[CGD][A-Z0-9]{8,}$/.test(channel)
      ? channel
      : await idOf(read, channel.replace(/^#/, ''));
    if (id) await readChannel(read, id);
    else unseen.push(channel);
  }
  const why =
    unseen.length > 0
      ? `the bot sees no channel ${unseen.join(' and no channel ')}`
      : 'the channels have no message yet';
  return end(why, shown(found));
}

async function readChannel(read: Read, channel: string) {
  const history = await read({
    call: 'conversations.history',
    path: '/conversations.history',
    query: { channel, limit: 1 },
  });
  const ts = idAt(history?.data, 'messages', 0, 'ts');
  if (ts)
    await read({
      call: 'conversations.replies',
      path: '/conversations.replies',
      query: { channel, ts, limit: 1 },
    });
  await read({
    call: 'chat.scheduledMessages.list',
    path: '/chat.scheduledMessages.list',
    query: { channel, limit: 1 },
  });
}

/**
 * Returns the id of a channel. Public channels are searched first, because a search of private
 * channels needs groups:read.
 */
const idOf = async (read: Read, name: string) =>
  (await idAmong(read, name, 'public_channel')) ?? (await idAmong(read, name, 'private_channel'));

async function idAmong(read: Read, name: string, types: string) {
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const found = await read({
      call: 'conversations.list',
      path: '/conversations.list',
      query: {
        types,
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

/**
 * Returns the function that says whether the token may make a change. Slack names the scopes of the
 * token in a header of every answer.
 */
function shown({ headers }: { headers: Headers }): Shown {
  const scopes = headers
    .get('x-oauth-scopes')
    ?.split(',')
    .map((scope) => scope.trim());
  return ({ call }) => {
    const wanted = slackScopes.filter(
      ({ needed, methods }) => needed === 'always' && methods.includes(call as SlackMethod),
    );
    if (!scopes || wanted.length === 0) return null;
    const may = wanted.every(({ scope }) => scopes.includes(scope));
    return { may, said: may ? '' : `the scopes of the token are: ${scopes.join(', ')}` };
  };
}
