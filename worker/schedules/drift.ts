import { ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { LastDriftReport } from '../../activities/drift/drift.ts';
import type { Place, DriftReport } from '../../domain/contract/activities.ts';
import { messages, driftId } from '../../domain/deploy/wire.ts';
import type { Config } from '../../domain/config/config.ts';
import { dropSchedule, putSchedule } from './put-schedule.ts';

/**
 * The interval of the check. With it, a rolled back release that is served again is rolled back
 * within 5 minutes.
 */
const every = '4 minutes';

/** Returns every place whose configuration does not have `drift: off`. */
export const watchedPlaces = ({ projects }: Config): Place[] =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([environment, { drift }]) =>
      drift === 'off' ? [] : [{ project, environment }],
    ),
  );

/**
 * Makes the schedule that checks for drift, or removes this schedule if no place is watched. A
 * namespace has one such schedule, which the newest worker overwrites. In a sandbox the schedule is
 * paused, because people change releases there on purpose. Returns a warning if the server accepts
 * no schedules.
 */
export async function scheduleDrift(
  client: Client,
  config: Config,
  taskQueue: string,
): Promise<string | null> {
  const places = watchedPlaces(config);
  try {
    if (places.length === 0) await dropSchedule(client, driftId);
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
    scheduleId: driftId,
    spec: { intervals: [{ every }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    ...(sandbox
      ? { state: { paused: true, note: 'paused in a sandbox; trigger the schedule by hand' } }
      : {}),
    action: {
      type: 'startWorkflow',
      workflowType: messages.drift,
      workflowId: driftId,
      taskQueue,
      args: [{ places, channel: slack?.incidents ?? null }],
      workflowExecutionTimeout: '15 minutes',
      staticSummary: 'checks whether Plimsoll deployed every live release',
    },
  });

const unscheduled = ({ message }: Error) =>
  `The server accepted no schedule (${message}): a release that was made live without Plimsoll is not noticed.\n` +
  'Start the worker again. Until then, check from time to time which release is live.';

/**
 * Returns the report of the newest completed run of the schedule, but never that of the run
 * `runId`. A run that failed or was cancelled has no report.
 */
export const lastDriftReport =
  (client: Promise<Client>): LastDriftReport =>
  async (runId) => {
    const { schedule, workflow } = await client;
    for (const { workflowId, firstExecutionRunId } of await runsOf(schedule)) {
      if (firstExecutionRunId === runId) continue;
      const handle = workflow.getHandle(workflowId, firstExecutionRunId);
      const { status } = await handle.describe();
      if (status.name === 'COMPLETED') return (await handle.result()) as DriftReport;
    }
    return null;
  };

/** Returns the recent runs of the schedule, newest first. */
async function runsOf(schedule: Client['schedule']) {
  try {
    const { info } = await schedule.getHandle(driftId).describe();
    return info.recentActions.map(({ action }) => action.workflow).toReversed();
  } catch (cause) {
    if (cause instanceof ScheduleNotFoundError) return [];
    throw cause;
  }
}
