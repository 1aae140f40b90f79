const minute = 60_000;
const hour = 60 * minute;

/** How long one activity may take with all its retries: then it has failed. */
export const bounds = {
  reading: 30 * minute,
  checking: 20 * minute,
  releasing: 3 * hour,
  watching: 2 * hour,
  restoring: 24 * hour,
  recording: 24 * hour,
} as const;
