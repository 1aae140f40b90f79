import type { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../domain/contract/activities.ts';
import type { Pager } from '../../domain/config/config.ts';
import { mailWay } from './mail.ts';
import type { Way } from './way.ts';
import { webhookWay } from './webhook.ts';
import { visibleLines } from '../../domain/lib/visible.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { scrub } from '../../domain/messages/parts/scrub.ts';
import { effect } from '../lib/effect.ts';
import { knownSecrets } from '../lib/known-secrets.ts';

type Deps = {
  page: Pager | undefined;
  /** Returns the secret that a reference such as "env:NAME" names. */
  secret: (ref: string) => string;
};

const mostText = 3500;

/**
 * Makes the activity that sends a page over every configured channel. The activity succeeds if at
 * least one channel accepts the page. A retry may send the page a second time, with the same key in
 * X-Plimsoll-Key and Message-ID. If no channel is configured, nobody is paged.
 */
export function createPager({ page, secret }: Deps): Pick<Activities, 'page'> {
  const ways = waysOf(page, secret);
  return {
    page: effect('page', async ({ deploy, step, title, text, priority }) => {
      const key = `${deploy.deployId}/${step}`;
      const whole = knownSecrets.cleanAll({ key, title, text });
      const shown = scrub(visibleLines(whole.text)).slice(0, mostText);
      const call = { key: whole.key, title: scrub(clean(whole.title)), text: shown, priority };
      const sent = await Promise.allSettled(ways.map((way) => way.send(call)));
      const failures = sent.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      if (failures.length > 0 && failures.length === ways.length) throw hopeful(failures);
      const reached = ways.filter((_, at) => sent[at]?.status === 'fulfilled');
      return {
        reached: reached.map(({ name }) => name),
        failed: failures.map(({ message }: Error) => message),
      };
    }),
  };
}

function waysOf(page: Pager | undefined, secret: Deps['secret']): Way[] {
  const { webhook, smtp } = page ?? {};
  return [
    ...(webhook ? [webhookWay(webhook.startsWith('env:') ? secret(webhook) : webhook)] : []),
    ...(smtp ? [mailWay(smtp, smtp.password && secret(smtp.password))] : []),
  ];
}

/**
 * Chooses the failure to throw if all channels failed. Prefers a failure that Temporal retries.
 */
const hopeful = (failures: ApplicationFailure[]) =>
  failures.find(({ nonRetryable }) => !nonRetryable) ?? failures[0];
