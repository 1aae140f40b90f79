import { log } from '@temporalio/workflow';
import type { Page } from '../domain/activities.ts';
import { telling } from './proxies.ts';

/** A page and a note at Slack: one that was taken is enough, and so is nobody to be called at all. */
export async function callOut(page: Page, channel: string | null): Promise<boolean> {
  const { title } = page;
  const ways = await Promise.all([
    tell(title, async () => (await telling.page(page)).reached.length > 0),
    channel ? tell(title, () => telling.say(noteOf(page, channel))) : 'nobody',
  ]);
  return ways.includes('reached') || !ways.includes('failed');
}

export const noteOf = ({ deploy, step, title, text }: Page, channel: string) => ({
  ...{ deploy, step, channel, parent: true },
  text: `${title}.\n${text}`,
});

export async function tell(what: string, act: () => Promise<boolean>) {
  try {
    return (await act()) ? 'reached' : 'nobody';
  } catch (failure) {
    log.warn(`could not say "${what}"`, { failure: String(failure) });
    return 'failed';
  }
}
