import type { Config } from '../domain/schema.ts';

/** What the worker says when nobody can be woken; null = somebody can. */
export const pageWarning = ({ page }: Config): string | null =>
  page
    ? null
    : 'NOBODY CAN BE PAGED: a stuck deploy or a failed way back is seen only by those who look.\n' +
      'Add page: with a webhook (such as an ntfy topic) or smtp to plimsoll.yaml and start again.';
