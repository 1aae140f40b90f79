import { final, transient, unknown } from './fail.ts';
import { failures } from '../../domain/deploy/failures.ts';
import type { HttpAnswer } from './http.ts';
import { retryAfterMs } from './retry-after.ts';

/**
 * The name and the texts of one vendor. `what` describes the requested thing for people, such as
 * "the deployments of shop".
 */
export type Vendor = {
  /** For example "Vercel". */
  name: string;
  /** Makes the text for a missing answer. `why` is "not in time", "no connection" or "HTTP 502". */
  unanswered(what: string, why: string): string;
  /** Unit of the vendor's header `x-ratelimit-reset`. See `retryAfterMs`. */
  reset?: 'epoch' | 'to go';
};

/** Functions that make the error if the vendor refuses the request. */
export type Remedies = {
  what: string;
  /**
   * True if the request changes something. If such a request gets no answer, it may still have
   * succeeded.
   */
  effect: boolean;
  /** Makes the error for 401 and 403. */
  denied(status: number): Error;
  /** Makes the error for 404. */
  absent(): Error;
  /**
   * Makes the error for 3xx. Redirects are never followed. Without `moved`, 3xx counts as no
   * answer.
   */
  moved?(status: number): Error;
  /** Makes the error for every other 4xx, except 408 and 429. */
  refused(status: number): Error;
};

type Asked = Pick<Remedies, 'what' | 'effect'>;

/**
 * Makes the failure for a missing answer. Its type is 'unknownOutcome' if the request changes
 * something.
 */
const lost = (effect: boolean, text: string) => (effect ? unknown(text) : transient(text));

/** Makes the failure for a request without a readable answer. */
export const unanswered = (vendor: Vendor, { what, effect }: Asked, why: string) =>
  lost(effect, vendor.unanswered(what, why));

/**
 * Makes the failure for an answer of an unknown form. Such an answer counts as no answer. `where`
 * is the first wrong field.
 */
export const unreadable = (vendor: Vendor, { what, effect }: Asked, where: string) =>
  lost(effect, `${vendor.name} answered the request for ${what} in an unknown form (${where}).`);

/** Makes the failure for an answer with an unexpected status. */
export function vendorFailure(
  vendor: Vendor,
  { status, headers }: Pick<HttpAnswer, 'status' | 'headers'>,
  remedies: Remedies,
): Error {
  const { what } = remedies;
  if (status === 429) {
    const wait = retryAfterMs((name) => headers.get(name), {
      ...(vendor.reset === undefined ? {} : { reset: vendor.reset }),
    });
    return transient(`${vendor.name} limits our calls and refused the request for ${what}.`, wait);
  }
  if (status === 401 || status === 403) return remedies.denied(status);
  if (status === 404) return remedies.absent();
  if (status >= 300 && status < 400 && remedies.moved) return remedies.moved(status);
  if (status >= 400 && status < 500 && status !== 408) return remedies.refused(status);
  return unanswered(vendor, remedies, `HTTP ${status}`);
}

/**
 * Makes a final failure of type 'misconfigured', for a request that the account, the token or the
 * configuration does not allow.
 */
export const cannot = (...lines: string[]) => final(failures.misconfigured, lines.join('\n'));

/** Makes a final failure of type 'rejectedByPlatform', for a request that the vendor refused. */
export const rejected = (...lines: string[]) =>
  final(failures.rejectedByPlatform, lines.join('\n'));
