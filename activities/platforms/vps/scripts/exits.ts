/** Exit codes of Plimsoll's own scripts. */
export const exits = {
  locked: 75,
  noSuchCommit: 80,
  prepareFailed: 81,
  prepareTimedOut: 82,
  noSuchRelease: 83,
  currentIsDirectory: 84,
  noLockTool: 85,
  noDocker: 86,
  notMounted: 87,
  noSuchContainer: 88,
  imageNotTagged: 89,
  notACheckout: 90,
  trackedChanges: 91,
  untrackedInTheWay: 92,
  altered: 93,
  movedAway: 94,
} as const;
