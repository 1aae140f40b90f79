import { log } from '@temporalio/workflow';
import type { Page } from '../domain/activities.ts';
import { telling } from './proxies.ts';

type Heard = 'reached' | 'nobody' | 'failed';

/** As `reach`, and nobody to be called at all is enough. */
export const callOut = async (page: Page, channel: string | null): Promise<boolean> =>
  (await reach(page, channel)) !== 'failed';

/** A page and a note at Slack: one that was taken is enough. */
export async function reach(page: Page, channel: string | null): Promise<Heard> {
  const ways = await Promise.all([
    tell(page.title, async () => (await telling.page(page)).reached.length > 0),
    channel === null ? 'nobody' : note(page, channel),
  ]);
  if (ways.includes('reached')) return 'reached';
  return ways.includes('failed') ? 'failed' : 'nobody';
}

export const note = (page: Page, channel: string): Promise<Heard> =>
  tell(page.title, () => telling.say(noteOf(page, channel)));

const noteOf = ({ deploy, step, title, text }: Page, channel: string) => ({
  ...{ deploy, step, channel, parent: true },
  text: `${title}.\n${text}`,
});

export async function tell(what: string, act: () => Promise<boolean>): Promise<Heard> {
  try {
    return (await act()) ? 'reached' : 'nobody';
  } catch (failure) {
    log.warn(`could not say "${what}"`, { failure: String(failure) });
    return 'failed';
  }
}
