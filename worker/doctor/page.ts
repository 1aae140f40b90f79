import { createPager } from '../../activities/page/page.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import type { Config } from '../../domain/config/config.ts';
import { UserError } from '../../domain/lib/user-error.ts';
import { pageWarning } from '../page-warning.ts';
import { secret } from '../config/secrets.ts';
import { absent, check } from '../../activities/lib/finding.ts';
import type { Finding } from '../../activities/lib/finding.ts';

type Sending = { send: boolean; at: Date; env: NodeJS.ProcessEnv };

/**
 * Lists the configured channels. With `send`, sends a test page over each channel and reports every
 * failure.
 */
export async function page(config: Config, { send, at, env }: Sending): Promise<Finding> {
  const unset = pageWarning(config);
  if (unset !== null)
    return send ? await check('page', () => refuse(unset)) : absent('page', unset);
  if (!send)
    return await check(
      'page',
      () => `people are paged by ${ways(config)}; to send a test page: ${plimsoll} doctor --page`,
    );
  return await check('page', async () => {
    const pager = createPager({ page: config.page, secret: (ref) => secret(ref, env) });
    const { reached, failed } = await pager.page(call(at));
    if (failed.length > 0) throw new UserError(failed.join('\n'));
    return `a test page was sent by ${reached.join(' and ')}; check that it arrived`;
  });
}

const ways = ({ page: { webhook, smtp } = {} }: Config) =>
  [webhook && 'webhook', smtp && 'smtp'].filter(Boolean).join(' and ');

const call = (at: Date) => ({
  deploy: { deployId: 'doctor', project: '', environment: '', sha: '' },
  step: at.toISOString(),
  title: 'Plimsoll: a test page',
  text: 'A person ran "plimsoll doctor --page". Nothing is wrong and there is nothing to do.',
  priority: 'high' as const,
});

function refuse(why: string): never {
  throw new UserError(why);
}
