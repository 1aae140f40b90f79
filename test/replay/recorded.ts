import { readdirSync, readFileSync } from 'node:fs';

type Event = {
  eventType: string;
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  workflowTaskCompletedEventAttributes?: { sdkMetadata?: { coreUsedFlags?: number[] } };
};
export type Recorded = { events: Event[] };

export const directory = new URL('./histories/', import.meta.url);
/** The names of all recorded histories, sorted. */
export const names = readdirSync(directory)
  .map((file) => file.replace(/\.json$/, ''))
  .toSorted();
export const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`${name}.json`, directory), 'utf8')) as Recorded;

export const activitiesOf = ({ events }: Recorded) =>
  events.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType ?? []);

/** The histories in which this activity was called. */
export const reached = (activity: string) =>
  names.filter((name) => activitiesOf(read(name)).some((type) => type.name === activity));
