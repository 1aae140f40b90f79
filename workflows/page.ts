import { log } from '@temporalio/workflow';
import type { Page } from '../domain/contract/activities.ts';
import { notifying } from './proxies.ts';

type Heard = 'reached' | 'nobody' | 'failed';

/**
 * Sends a page and a Slack note. Returns false if sending failed and nothing was delivered. If
 * nothing is configured, returns true, because a repetition would not help.
 */
export const pageAndNote = async (page: Page, channel: string | null): Promise<boolean> =>
  (await reach(page, channel)) !== 'failed';

/**
 * Sends a page and a Slack note. Returns `reached` if the page or the note was delivered. If
 * nothing was delivered, returns `failed` after a failure, and `nobody` if no channel is
 * configured.
 */
export async function reach(page: Page, channel: string | null): Promise<Heard> {
  const ways = await Promise.all([
    attempt(page.title, async () => (await notifying.page(page)).reached.length > 0),
    channel === null ? 'nobody' : note(page, channel),
  ]);
  if (ways.includes('reached')) return 'reached';
  return ways.includes('failed') ? 'failed' : 'nobody';
}

export const note = (page: Page, channel: string): Promise<Heard> =>
  attempt(page.title, () => notifying.notify(noteOf(page, channel)));

const noteOf = ({ deploy, step, title, text }: Page, channel: string) => ({
  ...{ deploy, step, channel, parent: true },
  text: `${title}.\n${text}`,
});

export async function attempt(what: string, act: () => Promise<boolean>): Promise<Heard> {
  try {
    return (await act()) ? 'reached' : 'nobody';
  } catch (failure) {
    log.warn(`could not send "${what}"`, { failure: String(failure) });
    return 'failed';
  }
}
