import type { WorkflowHandle } from '@temporalio/client';

/** A period in epoch milliseconds. */
type Span = { from: number; to: number };
type ActivitySpan = Span & { name: string; scheduled: number };
export type DeployRun = Span & { events: number; activities: ActivitySpan[]; signals: number[] };

type Time = { seconds?: unknown; nanos?: number | null } | null | undefined;
const at = (time: Time) => Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;

/** Reads the history of a closed deploy, and returns when each activity ran. */
export async function readDeployRun(
  handle: Pick<WorkflowHandle, 'fetchHistory'>,
): Promise<DeployRun> {
  const events = (await handle.fetchHistory()).events ?? [];
  const scheduled = new Map<string, { name: string; at: number }>();
  const started = new Map<string, number>();
  const activities: ActivitySpan[] = [];
  const signals: number[] = [];
  for (const event of events) {
    const when = at(event.eventTime);
    const begun = event.activityTaskScheduledEventAttributes;
    if (begun)
      scheduled.set(`${event.eventId}`, { name: begun.activityType?.name ?? '', at: when });
    const start = event.activityTaskStartedEventAttributes;
    if (start) started.set(`${start.scheduledEventId}`, when);
    if (event.workflowExecutionSignaledEventAttributes) signals.push(when);
    const end =
      event.activityTaskCompletedEventAttributes ?? event.activityTaskFailedEventAttributes;
    const id = `${end?.scheduledEventId}`;
    const known = scheduled.get(id);
    if (end && known)
      activities.push({
        name: known.name,
        scheduled: known.at,
        from: started.get(id) ?? known.at,
        to: when,
      });
  }
  const [from, to] = [at(events[0]?.eventTime), at(events.at(-1)?.eventTime)];
  return { from, to, events: events.length, activities, signals };
}

/** Returns the time in milliseconds in which at least one of the spans runs. */
function covered(spans: Span[]): number {
  let [sum, end] = [0, -Infinity];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return sum;
}

/**
 * Returns two durations of a deploy in milliseconds, without the thinking time of the person and
 * without the watch: `total`, and the part `idle` in which no activity ran.
 */
export function withoutWindows({ from, to, activities, signals }: DeployRun) {
  const planned = activities.filter(({ name }) => name === 'sealPlan').at(-1)?.to ?? from;
  const thinking = { from: planned, to: signals[0] ?? planned };
  const samples = activities.filter(({ name }) => name === 'takeSamples');
  const watching = { from: samples[0]?.scheduled ?? to, to: samples.at(-1)?.to ?? to };
  const waited = [thinking, watching];
  const total = to - from - covered(waited);
  return { total, idle: to - from - covered([...waited, ...activities]) };
}

export const longest = ({ activities }: DeployRun, name: RegExp) =>
  Math.max(0, ...activities.filter((it) => name.test(it.name)).map(({ from, to }) => to - from));
