// The texts below are lines in the Slack thread of a deploy. Each line names work that failed, or a
// fact that was not checked.

export const ledgerLacks = (why: string) => `The ledger has no outcome of this deploy: ${why}`;

export const notClosed = 'issues were not closed';
export const notRemoved = 'old releases were not removed';
export const leftToDo = (what: string, why: string) =>
  `Work is left to do: ${what}. Reason: ${why}`;

/** Returns the line about errors in the start-up log of a healthy release. */
export const startUpErrors = (errors: readonly string[]) =>
  `The start-up log contains errors (at least ${errors.length}): ${errors[0]}`;

/** Tells people that releases were removed where other users' processes could not be read. */
export const usersNotChecked = (hosts: readonly string[]) =>
  `Old releases were removed on ${hosts.join(', ')}. Not checked: whether a process of another user ` +
  'still runs in one of them, because the ssh user may read only the arguments of such processes. ' +
  `Check on the host: sudo sh -c 'ls -l /proc/[0-9]*/cwd' | grep 'releases/.*deleted'`;
