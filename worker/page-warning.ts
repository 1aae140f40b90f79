import type { Config } from '../domain/config/config.ts';

/** Returns a warning if no page is configured. Otherwise, returns null. */
export const pageWarning = ({ page }: Config): string | null =>
  page
    ? null
    : 'NOBODY CAN BE PAGED: a stuck deploy or a failed rollback wakes nobody.\n' +
      'Add page: with a webhook (such as an ntfy topic) or smtp to plimsoll.yaml, and start the worker again.';
