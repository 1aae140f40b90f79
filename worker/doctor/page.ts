import { createPager } from '../../activities/page.ts';
import { plimsoll } from '../../domain/messages.ts';
import type { Config } from '../../domain/schema.ts';
import { UserError } from '../../domain/user-error.ts';
import { pageWarning } from '../page-warning.ts';
import { secret } from '../secrets.ts';
import { absent, check } from './finding.ts';
import type { Finding } from './finding.ts';

type Sending = { send: boolean; at: Date; env: NodeJS.ProcessEnv };

/** Which ways there are; `send` calls somebody by each of them, and one that fails is a problem. */
export async function page(config: Config, { send, at, env }: Sending): Promise<Finding> {
  const unset = pageWarning(config);
  if (unset !== null)
    return send ? await check('page', () => refuse(unset)) : absent('page', unset);
  if (!send)
    return await check('page', () => `by ${ways(config)}; a test call: ${plimsoll} doctor --page`);
  return await check('page', async () => {
    const pager = createPager({ page: config.page, secret: (ref) => secret(ref, env) });
    const { reached, failed } = await pager.page(call(at));
    if (failed.length > 0) throw new UserError(failed.join('\n'));
    return `sent by ${reached.join(' and ')}; see that it arrived`;
  });
}

const ways = ({ page: { webhook, smtp } = {} }: Config) =>
  [webhook && 'webhook', smtp && 'smtp'].filter(Boolean).join(' and ');

const call = (at: Date) => ({
  deploy: { deployId: 'doctor', project: '', environment: '', sha: '' },
  step: at.toISOString(),
  title: 'Plimsoll: a test call',
  text: 'Somebody ran "plimsoll doctor --page". Nothing is wrong and there is nothing to do.',
  priority: 'high' as const,
});

function refuse(why: string): never {
  throw new UserError(why);
}
