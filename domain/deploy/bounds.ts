const minute = 60_000;
const hour = 60 * minute;

/**
 * The longest time of one activity with all its retries, in milliseconds. After this time the
 * activity fails.
 */
export const bounds = {
  reading: 30 * minute,
  checking: 20 * minute,
  releasing: 3 * hour,
  watching: 2 * hour,
  rollingBack: 24 * hour,
  recording: 24 * hour,
} as const;
