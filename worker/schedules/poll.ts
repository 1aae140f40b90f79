import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { Place } from '../../domain/contract/activities.ts';
import { messages, pollId, plimsoll } from '../../domain/deploy/wire.ts';
import type { Config } from '../../domain/config/config.ts';
import { dropSchedule, putSchedule } from './put-schedule.ts';

type Polled = Place & { everyMs: number };
const defaultMinutes = 2;

/**
 * Returns every place with `deployOn: push`, each with its poll interval in milliseconds. In a
 * sandbox the interval is divided by the time scale. The shortest interval is one second.
 */
export const polledPlaces = ({ projects, sandbox, timeScale }: Config): Polled[] =>
  places(projects).flatMap(({ project, environment, deployOn, pollMinutes = defaultMinutes }) => {
    const everyMs = Math.max(1000, (pollMinutes * 60_000) / (sandbox ? timeScale : 1));
    return deployOn === 'push' ? [{ project, environment, everyMs }] : [];
  });

const places = (projects: Config['projects']) =>
  Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).map(([environment, { deployOn, pollMinutes }]) => ({
      ...{ project, environment, deployOn },
      ...(pollMinutes === undefined ? {} : { pollMinutes }),
    })),
  );

/**
 * Makes one poll schedule for each place with `deployOn: push`. Removes all other poll schedules,
 * also those of earlier workers. A schedule that a person paused stays paused. Returns a warning if
 * the server accepts no schedules.
 */
export async function schedulePolls(
  client: Client,
  config: Config,
  taskQueue: string,
): Promise<string | null> {
  const wanted = polledPlaces(config);
  try {
    for (const place of wanted) await create(client, place, taskQueue);
    const kept = new Set(wanted.map(pollId));
    for (const id of await others(client, config, kept)) await dropSchedule(client, id);
    return null;
  } catch (cause) {
    if (wanted.length === 0) return null;
    return unscheduled(cause as Error, wanted);
  }
}

function create(client: Client, place: Polled, taskQueue: string) {
  const { project, environment, everyMs } = place;
  return putSchedule(client, {
    scheduleId: pollId(place),
    spec: { intervals: [{ every: everyMs }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    action: {
      type: 'startWorkflow',
      workflowType: messages.poll,
      workflowId: pollId(place),
      taskQueue,
      args: [{ project, environment }],
      workflowExecutionTimeout: '10 minutes',
      staticSummary: `deploys ${project} ${environment} when its branch moves`.slice(0, 190),
    },
  });
}

/**
 * Returns the ids of the poll schedules to remove, which are all except `kept`. The list of the
 * server may not yet contain a new schedule. So the ids of all configured places are added.
 */
async function others(client: Client, { projects }: Config, kept: Set<string>): Promise<string[]> {
  const found = new Set(places(projects).map(pollId));
  for await (const { scheduleId } of client.schedule.list())
    if (scheduleId.startsWith('poll/')) found.add(scheduleId);
  return [...found].filter((id) => !kept.has(id));
}

const unscheduled = ({ message }: Error, wanted: Place[]) =>
  `The server accepted no schedule (${message}): a push starts no deploy to ` +
  `${wanted.map(({ project, environment }) => `${project} ${environment}`).join(', ')}.\n` +
  `Start the worker again, or deploy by hand: ${plimsoll} deploy PROJECT ENVIRONMENT`;
