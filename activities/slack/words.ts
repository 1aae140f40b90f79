import type { KnownBlock } from '@slack/web-api';
import type { Words } from './board.ts';
import { scrub } from './scrub.ts';

const most = 2900;

/** Nothing in a commit title or a reason may become a link, a mention or formatting of Slack. */
export const safe = (text: string) =>
  scrub(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Cut, but never inside of what was escaped: a block holds 3,000 characters. */
export const fitted = (text: string, limit = most) =>
  text.length > limit ? `${text.slice(0, limit).replace(/&[a-z]{0,3}$/, '')} …` : text;

export const section = (text: string) =>
  ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } }) satisfies KnownBlock;

/** One section; `text` alone says it all, for notifications and screen readers. `mention`: a member's id. */
export function plainWords(text: string, mention: string | null = null): Words {
  const whole = fitted(safe(text)) || '…';
  const told = mention === null ? whole : `<@${mention}> ${whole}`;
  return { text: told, blocks: [section(told)] satisfies KnownBlock[] };
}
