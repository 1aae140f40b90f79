import { ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { LastSentinel } from '../activities/sentinel.ts';
import type { Place } from '../domain/activities.ts';
import { messages, sentinelId } from '../domain/messages.ts';
import type { SentinelReport } from '../domain/policy/sentinel.ts';
import type { Config } from '../domain/schema.ts';
import { dropSchedule, putSchedule } from './put-schedule.ts';

const every = '5 minutes';

/** Every place whose configuration does not say `sentinel: off`. */
export const watchedPlaces = ({ projects }: Config): Place[] =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([environment, { sentinel }]) =>
      sentinel === 'off' ? [] : [{ project, environment }],
    ),
  );

/**
 * One for the namespace: the worker that started last decides. A sandbox is practised in by changing things
 * behind its back, so there it is paused. Answers a warning where the server takes none.
 */
export async function scheduleSentinel(
  client: Client,
  config: Config,
  taskQueue: string,
): Promise<string | null> {
  const places = watchedPlaces(config);
  try {
    if (places.length === 0) await dropSchedule(client, sentinelId);
    else await put(client, config, { places, taskQueue });
    return null;
  } catch (cause) {
    return places.length === 0 ? null : unscheduled(cause as Error);
  }
}

const put = (
  client: Client,
  { slack, sandbox }: Config,
  { places, taskQueue }: { places: Place[]; taskQueue: string },
) =>
  putSchedule(client, {
    scheduleId: sentinelId,
    spec: { intervals: [{ every }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    ...(sandbox ? { state: { paused: true, note: 'a sandbox: trigger it by hand' } } : {}),
    action: {
      type: 'startWorkflow',
      workflowType: messages.sentinel,
      workflowId: sentinelId,
      taskQueue,
      args: [{ places, channel: slack?.incidents ?? null }],
      workflowExecutionTimeout: '15 minutes',
      staticSummary: 'is anything served that was not shipped through here?',
    },
  });

const unscheduled = ({ message }: Error) =>
  `The server took no schedule (${message}): what is made live past Plimsoll goes unnoticed.\n` +
  'Start the worker again; until then, compare what is served yourself now and then.';

/** A run that failed, or was given up, found nothing that is known. */
export const lastSentinel =
  (client: Promise<Client>): LastSentinel =>
  async (runId) => {
    const { schedule, workflow } = await client;
    for (const { workflowId, firstExecutionRunId } of await runsOf(schedule)) {
      if (firstExecutionRunId === runId) continue;
      const handle = workflow.getHandle(workflowId, firstExecutionRunId);
      const { status } = await handle.describe();
      if (status.name === 'COMPLETED') return (await handle.result()) as SentinelReport;
    }
    return null;
  };

/** Newest first. */
async function runsOf(schedule: Client['schedule']) {
  try {
    const { info } = await schedule.getHandle(sentinelId).describe();
    return info.recentActions.map(({ action }) => action.workflow).toReversed();
  } catch (cause) {
    if (cause instanceof ScheduleNotFoundError) return [];
    throw cause;
  }
}
