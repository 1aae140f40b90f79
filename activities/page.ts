import type { ApplicationFailure } from '@temporalio/common';
import type { Activities, Page } from '../domain/activities.ts';
import type { Pager } from '../domain/schema.ts';
import { mailWay } from './page/mail.ts';
import { webhookWay } from './page/webhook.ts';
import { scrub } from './slack/scrub.ts';

/** One way to call a person. Throws transient, unknown, or final misconfigured; never the address or a secret. */
export type Way = { name: 'webhook' | 'smtp'; send(call: Call): Promise<void> };
/** What is sent: already without secrets, and no longer than a phone shows. */
export type Call = Pick<Page, 'title' | 'text' | 'priority'> & { key: string };

type Deps = {
  page: Pager | undefined;
  /** Resolves "env:NAME". */
  secret: (ref: string) => string;
};

const mostText = 3500;

/**
 * Every configured way is tried; one that took the call is enough. At least once: a retry carries the same key,
 * in the header X-Plimsoll-Key and as Message-ID. Not configured = nobody reached.
 */
export function createPager({ page, secret }: Deps): Pick<Activities, 'page'> {
  const ways = waysOf(page, secret);
  return {
    async page({ deploy, step, title, text, priority }) {
      const key = `${deploy.deployId}/${step}`;
      const call = { key, title: scrub(title), text: scrub(text).slice(0, mostText), priority };
      const told = await Promise.allSettled(ways.map((way) => way.send(call)));
      const failures = told.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      if (failures.length > 0 && failures.length === ways.length) throw hopeful(failures);
      const reached = ways.filter((_, at) => told[at]?.status === 'fulfilled');
      return {
        reached: reached.map(({ name }) => name),
        failed: failures.map(({ message }: Error) => message),
      };
    },
  };
}

function waysOf(page: Pager | undefined, secret: Deps['secret']): Way[] {
  const { webhook, smtp } = page ?? {};
  return [
    ...(webhook ? [webhookWay(webhook.startsWith('env:') ? secret(webhook) : webhook)] : []),
    ...(smtp ? [mailWay(smtp, smtp.password && secret(smtp.password))] : []),
  ];
}

/** As long as one way may still work, it is tried again. */
const hopeful = (failures: ApplicationFailure[]) =>
  failures.find(({ nonRetryable }) => !nonRetryable) ?? failures[0];
