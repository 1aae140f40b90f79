import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities, Page } from '../../domain/contract/activities.ts';
import type { Config } from '../../domain/config/config.ts';

export type LoudDeps = {
  config: () => Pick<Config, 'slack'>;
  page: Activities['page'];
  notify: Activities['notify'];
};

/** A page or a message to people may take at most this time for each channel, in milliseconds. */
const longestMs = 5000;

/** The pages that were delivered, so that a retry of an activity does not send them again. */
const delivered = new WeakMap<Activities['page'], Set<string>>();

/**
 * Pages people. If the page reaches nobody, writes to the incident channel. Returns true if the page
 * or the message was delivered. Takes at most 10 s, and never throws.
 */
export async function tellPeople(
  { config, page, notify }: LoudDeps,
  asked: Page,
): Promise<boolean> {
  const key = `${asked.deploy.deployId}/${asked.step}`;
  const known = delivered.get(page) ?? new Set();
  delivered.set(page, known);
  if (known.has(key)) return true;
  const told =
    (await within(async () => (await page(asked)).reached.length > 0)) ||
    (await note({ config, notify }, asked));
  if (told) known.add(key);
  return told;
}

async function note({ config, notify }: Omit<LoudDeps, 'page'>, asked: Page): Promise<boolean> {
  const channel = config().slack?.incidents;
  if (channel === undefined) return false;
  const { deploy, step, title, text } = asked;
  return await within(() =>
    notify({ deploy, step, channel, text: `${title}.\n${text}`, parent: false }),
  );
}

async function within(work: () => Promise<boolean>): Promise<boolean> {
  const late = sleep(longestMs, false, { ref: false });
  return await Promise.race([work().catch(() => false), late]);
}
