import type { UnreadLines } from '../../deploy/plan.ts';
import { unreadWords } from './numbers.ts';

/**
 * Returns the text of `plimsoll doctor` about the log of a service in the last hour; null: every
 * line was read. `read` is null if the log could not be read.
 */
export function logWords(
  service: string,
  read: { unread: UnreadLines | undefined } | null,
): string | null {
  if (read === null)
    return (
      `the log of ${service} could not be read, so the watch has no data from it ` +
      '(before the first release of a container this is normal)'
    );
  return read.unread
    ? `the log of ${service} in the last hour: ${unreadWords(read.unread).slice(2)}`
    : null;
}
