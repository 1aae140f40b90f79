import type { Config } from '../../domain/config/config.ts';
import { anchorTitle } from '../../domain/messages/ledger.ts';
import { plainWords } from '../../domain/messages/slack-blocks.ts';
import { createSlackBoard } from '../slack/board.ts';
import type { SlackBoard } from '../slack/board.ts';
import { slackClient } from '../slack/client.ts';
import type { Anchor } from './anchor.ts';

/** The id under which Slack keeps the anchors. No deploy has this id. */
const id = 'ledger-anchor';

type Place = { channel: string; secret: (ref: string) => string };

/**
 * Keeps the anchors in a Slack channel. Each anchor is one message. The link is in the metadata of
 * the message, and people cannot write metadata.
 */
export function slackAnchor(
  { api, token }: NonNullable<Config['slack']>,
  { channel, secret }: Place,
): Anchor {
  let opened: SlackBoard | undefined;
  const open = () =>
    (opened ??= createSlackBoard(slackClient(api, secret(token)), token.slice('env:'.length)));
  return {
    place: `the Slack channel ${channel}`,
    everyMs: 60 * 60_000,
    async read() {
      const board = open();
      const found = await board.inChannel(await board.channelId(channel), id, 0);
      const newest = found.at(-1);
      return newest ? linkIn(newest.step) : null;
    },
    async write(link) {
      const board = open();
      const { seq, hash, at, seal } = link;
      const step = [seq, hash, at, seal].join(' ');
      const words = plainWords(anchorTitle(link));
      await board.post({ channel: await board.channelId(channel), deployId: id, step, words });
    },
  };
}

function linkIn(step: string): unknown {
  const [seq, hash, at, seal] = step.split(' ');
  return { seq: Number(seq), hash, at, seal };
}
