import { createTransport } from 'nodemailer';
import { failures } from '../../domain/deploy/failures.ts';
import type { Pager } from '../../domain/config/config.ts';
import { final, transient, unknown } from '../lib/fail.ts';
import type { Call, Way } from './way.ts';

type Smtp = NonNullable<Pager['smtp']>;
/**
 * An error of nodemailer, without its `message`. The message may contain text of the mail server,
 * so Plimsoll does not show it.
 */
type Problem = { code?: string; responseCode?: number };

const bounds = { connectionTimeout: 8000, greetingTimeout: 8000, socketTimeout: 10_000 };
const neverSent = new Set(['EDNS', 'ETLS', 'ECONNREFUSED']);

/**
 * Makes the mail channel. The channel sends one mail to all listed people, over a new connection.
 * The connection must use TLS, unless the mail server is on this machine.
 */
export const mailWay = (smtp: Smtp, password: string | undefined): Way => ({
  name: 'smtp',
  async send(call) {
    const transport = createTransport({ ...connection(smtp, password), ...bounds });
    try {
      await transport.sendMail(mailOf(smtp, call));
    } catch (cause) {
      throw mailFailure(cause as Problem, smtp.host);
    } finally {
      transport.close();
    }
  },
});

function connection({ host, port, secure, user }: Smtp, password: string | undefined) {
  const here = /^(localhost|::1|127(\.\d{1,3}){3})$/.test(host);
  const auth = user === undefined ? {} : { auth: { user, pass: password ?? '' } };
  return { host, port, secure, requireTLS: !secure && !here, ...auth };
}

const mailOf = ({ from, to }: Smtp, { key, title, text, priority }: Call) => ({
  from,
  to,
  subject: title,
  text,
  priority: 'high' as const,
  messageId: `<${key.replaceAll(/[^\w./-]/g, '-')}@plimsoll.invalid>`,
  headers: { 'X-Plimsoll-Key': key, 'X-Urgency': priority, 'Auto-Submitted': 'auto-generated' },
  disableFileAccess: true,
  disableUrlAccess: true,
});

function mailFailure({ code = '', responseCode = 0 }: Problem, host: string) {
  const why = responseCode ? `${code} ${responseCode}` : code;
  if (code === 'EAUTH' || responseCode >= 500)
    return final(
      failures.misconfigured,
      `The mail server ${host} refused the page (${why}). Nobody was paged by mail.\n` +
        'Correct page.smtp in plimsoll.yaml (user, password, from, to) and start the worker again.',
    );
  if (responseCode >= 400 || neverSent.has(code))
    return transient(`The mail server ${host} could not be reached or is busy (${why}).`);
  return unknown(`The mail server ${host} did not answer (${why}). It may have accepted the page.`);
}
