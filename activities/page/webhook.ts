import { failures } from '../../domain/deploy/failures.ts';
import { final, transient, unknown } from '../lib/fail.ts';
import { NoAnswer, request } from '../lib/http.ts';
import type { HttpAnswer } from '../lib/http.ts';
import { retryAfterMs } from '../lib/retry-after.ts';
import type { Call, Way } from './way.ts';

const timeoutMs = 10_000;
const priorities = { high: '4', urgent: '5' } as const;

/**
 * Returns the failure for a page that the webhook refused. The message does not contain the address
 * of the webhook, because the address may be a secret, such as an ntfy topic.
 */
const refused = (why: string) =>
  final(
    failures.misconfigured,
    `The page webhook refused the page (${why}). Nobody was paged by webhook.\n` +
      'Correct page.webhook in plimsoll.yaml and start the worker again.',
  );

/**
 * Returns a text for an HTTP header. A header may contain only ASCII. The body contains the whole
 * text.
 */
const ascii = (text: string) => text.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 200);

const headersOf = ({ key, title, priority }: Call) => ({
  accept: '*/*',
  'content-type': 'text/plain; charset=utf-8',
  'x-title': ascii(title),
  'x-priority': priorities[priority],
  'x-tags': 'rotating_light',
  'x-plimsoll-key': ascii(key),
});

/**
 * Makes the webhook channel. The channel sends the text by POST, with the headers of ntfy. Only a
 * 2xx answer is a success. The channel does not follow a redirect.
 */
export const webhookWay = (url: string): Way => ({
  name: 'webhook',
  async send(call) {
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) throw refused('no valid address');
    const text = `${call.title}\n\n${call.text}`;
    const sent = { method: 'POST', url, text, headers: headersOf(call) } as const;
    const bounds = { timeoutMs, onlyStatus: true } as const;
    const answer = await request({ ...sent, ...bounds }).catch((cause: unknown) => {
      if (!(cause instanceof NoAnswer)) throw cause;
      throw unknown('The page webhook did not answer. A person may have been paged.');
    });
    judge(answer);
  },
});

function judge({ status, ok, headers }: HttpAnswer) {
  if (ok) return;
  if (status === 429) {
    const wait = retryAfterMs((name) => headers.get(name), { usualMs: 30_000 });
    throw transient('The page webhook has a limit for requests and refused the page.', wait);
  }
  if (status >= 500 || status === 408) throw transient(`The page webhook failed (${status}).`);
  throw refused(`HTTP ${status}`);
}
