import { createSlackBoard } from '../../activities/slack/board.ts';
import { slackClient } from '../../activities/slack/client.ts';
import { slackLive } from '../../worker/live/slack.ts';
import { ada, slackFixture } from '../sandbox/slack/slack-fixture.ts';
import { configOf } from '../worker/doctor/doctor-fixture.ts';
import { holdsTo } from './contract.ts';
import { refusals } from './refusals.ts';

async function drive(): Promise<void> {
  const fixture = await slackFixture();
  const { api } = fixture.slack;
  const board = createSlackBoard(slackClient(api, 'xoxb-secret'), 'SLACK_BOT_TOKEN');
  const channel = await board.channelId('#deployments');
  const post = { channel, deployId: 'd-1', step: 'start', words: { text: 'Starts', blocks: [] } };
  const found = await board.post(post);
  await board.edit(found, { ...post, words: { text: 'Ended', blocks: [] } });
  await board.post({ ...post, step: 'next', thread: found.ts });
  await board.directMessage(ada.id);
  await board.schedule(channel, 'Silence (d-1)', Math.floor(Date.now() / 1000) + 600);
  const config = configOf({ top: { slack: { api, token: 'env:SLACK_BOT_TOKEN' } } });
  for (const { run } of slackLive(config, { SLACK_BOT_TOKEN: 'xoxb-secret' })) await run();
  const [scheduled] = await board.scheduled(channel, 'd-1');
  await board.unschedule(channel, scheduled?.id ?? '');
  const { web } = fixture;
  await web.chat.postEphemeral({ channel, user: ada.id, text: 'Only you' }).catch(() => undefined);
  await slackClient(api, 'xapp-sandbox').apps.connections.open();
  await refusals({
    ...{ board: fixture.board, service: 'slack', token: 'xoxb-secret', weak: 'xapp-sandbox' },
    ...{ url: `${api}auth.test`, missing: `${api}conversations.history?channel=C0NOBODY` },
  });
  await fixture.close();
  const poor = await slackFixture({ scopes: [] });
  await poor.web.chat.postMessage({ channel, text: 'Hello' }).catch(() => undefined);
  await poor.close();
}

holdsTo({
  ...{ vendor: 'slack', drive },
  refusals: [
    ...['200 channel_not_found', '200 invalid_auth', '200 missing_scope'],
    ...['200 not_allowed_token_type', '429 ratelimited', '500 internal_error'],
  ],
});
