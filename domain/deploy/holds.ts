/** A freeze window, in epoch milliseconds. `to` is the first moment after the window. */
export type FreezeWindow = { name: string; from: number; to: number };

/**
 * A stop of the line: no deploy begins, in any project. `key` names the ledger entry of the stop.
 */
export type Stop = {
  key: string;
  by: string;
  reason: string;
  at: string;
  /**
   * Set if a person lifted the stop, but that person's signature no longer counts. The text names
   * the person and the reason.
   */
  notLifted?: string;
};
