const minute = 60_000;
const hour = 60 * minute;

/**
 * The longest time that one activity can take with all its retries, in milliseconds. After that
 * time the activity fails.
 */
export const bounds = {
  reading: 30 * minute,
  checking: 20 * minute,
  releasing: 3 * hour,
  watching: 2 * hour,
  rollingBack: 24 * hour,
  recording: 24 * hour,
} as const;
