import { visibleLines } from '../lib/visible.ts';
import { scrub } from './parts/scrub.ts';

/** The parts of Slack's Block Kit that the messages of Plimsoll use. */
export type SectionBlock = {
  type: 'section';
  text: { type: 'mrkdwn'; text: string; verbatim: boolean };
};
type PlainText = { type: 'plain_text'; text: string };
type Style = 'primary' | 'danger';
export type ConfirmationDialog = {
  title: PlainText;
  text: PlainText;
  confirm: PlainText;
  deny: PlainText;
  style: Style;
};
export type Button = {
  type: 'button';
  action_id: string;
  text: PlainText;
  style: Style;
  value: string;
  confirm: ConfirmationDialog;
};
export type ActionsBlock = { type: 'actions'; block_id: string; elements: Button[] };
export type Block = SectionBlock | ActionsBlock;

/** `text` is complete without `blocks`: notifications and screen readers use only `text`. */
export type Words = { text: string; blocks: Block[] };

const most = 2900;

/**
 * Escapes a text, so that a commit title or a reason cannot become a link or a mention in Slack.
 * Replaces every text that looks like a key, and shows every invisible character as its code.
 */
export const safe = (text: string) =>
  scrub(visibleLines(text))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

/**
 * Cuts the text to `limit` characters, but not inside an escape sequence. A Slack block allows
 * 3,000 characters.
 */
export const fitted = (text: string, limit = most) =>
  text.length > limit ? `${text.slice(0, limit).replace(/&[a-z]{0,3}$/, '')} …` : text;

export const section = (text: string): SectionBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text, verbatim: true },
});

/**
 * Returns a message with one section. `mention` is the id of a Slack member; null: nobody is
 * mentioned.
 */
export function plainWords(text: string, mention: string | null = null): Words {
  const whole = fitted(safe(text)) || '…';
  const mentioned = mention === null ? whole : `<@${mention}> ${whole}`;
  return { text: mentioned, blocks: [section(mentioned)] };
}
