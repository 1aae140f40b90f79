// Lines in the Slack thread of a deploy. Each line names work that failed after the deploy.

export const ledgerLacks = (why: string) => `The ledger has no outcome of this deploy: ${why}`;

export const notClosed = 'issues were not closed';
export const notRemoved = 'old releases were not removed';
export const leftToDo = (what: string, why: string) =>
  `Work is left to do: ${what}. Reason: ${why}`;

/** The line about errors in the start-up log of a healthy release. */
export const startUpErrors = (errors: readonly string[]) =>
  `The start-up log contains errors (at least ${errors.length}): ${errors[0]}`;
