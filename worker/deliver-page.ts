import type { Config } from '../domain/config/config.ts';
import type { Page, PlainActivities } from '../domain/contract/activities.ts';

export type PageDeps = {
  config: Pick<Config, 'slack'>;
  activities: Pick<PlainActivities, 'page' | 'notify'>;
  /** Receives a line for the people who read the output of the worker. */
  warn: (line: string) => void;
};

/**
 * Sends a page of the worker itself over every configured channel, and a note to the channel for
 * incidents. Returns false if nothing was delivered. Never rejects.
 */
export async function deliverPage(
  { activities, config, warn }: PageDeps,
  page: Page,
): Promise<boolean> {
  const { deploy, step, title, text } = page;
  const channel = config.slack?.incidents;
  const note = channel && { deploy, step, channel, text: `${title}.\n${text}`, parent: false };
  const results = await Promise.allSettled([
    activities.page(page),
    ...(note ? [activities.notify(note)] : []),
  ]);
  const failures = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  for (const { message } of failures as Error[]) warn(`"${title}" was not delivered: ${message}`);
  return failures.length < results.length;
}
