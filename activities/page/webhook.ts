import { failures } from '../../domain/failures.ts';
import { cancellation } from '../git/pulse.ts';
import { final, transient, unknown } from '../lib/fail.ts';
import type { Call, Way } from '../page.ts';

const timeoutMs = 10_000;
const priorities = { high: '4', urgent: '5' } as const;

/** The address itself may be the secret (an ntfy topic is): no error repeats it. */
const refused = (why: string) =>
  final(
    failures.misconfigured,
    `The page webhook did not take the call (${why}): nobody was called that way.\n` +
      'Correct page.webhook in plimsoll.yaml and start the worker again.',
  );

/** A header holds ASCII only; the text below it holds everything. */
const ascii = (text: string) => text.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 200);

const headersOf = ({ key, title, priority }: Call) => ({
  'content-type': 'text/plain; charset=utf-8',
  'x-title': ascii(title),
  'x-priority': priorities[priority],
  'x-tags': 'rotating_light',
  'x-plimsoll-key': ascii(key),
});

/** POST of the text with ntfy's headers. 2xx alone counts; a redirect is never followed. */
export const webhookWay = (url: string): Way => ({
  name: 'webhook',
  async send(call) {
    const bounds = [AbortSignal.timeout(timeoutMs), cancellation()];
    const signal = AbortSignal.any(bounds.filter((one) => one !== undefined));
    const body = `${call.title}\n\n${call.text}`;
    const options = { method: 'POST', headers: headersOf(call), body, signal } as const;
    const answer = await fetch(url, { ...options, redirect: 'manual' }).catch((cause: Error) => {
      if (cause instanceof TypeError && /URL/.test(cause.message)) throw refused('no address');
      throw unknown('The page webhook did not answer: whether somebody was called is not known.');
    });
    await answer.body?.cancel();
    judge(answer);
  },
});

function judge({ status, ok, headers }: Response) {
  if (ok) return;
  const after = Number(headers.get('retry-after'));
  if (status === 429) throw transient('The page webhook limits our calls.', (after || 30) * 1000);
  if (status >= 500 || status === 408) throw transient(`The page webhook is not well (${status}).`);
  throw refused(`HTTP ${status}`);
}
