import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { Place } from '../domain/activities.ts';
import { messages, pollId, plimsoll } from '../domain/messages.ts';
import type { Config } from '../domain/schema.ts';
import { dropSchedule, putSchedule } from './put-schedule.ts';

type Polled = Place & { everyMs: number };
const defaultMinutes = 2;

/** Every place that follows its branch; in a sandbox time is scaled, down to a second. */
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
 * One schedule a place that has `deployOn: push`, none for any other: the worker that started last decides. A
 * pause by a person stays. Answers a warning where the server takes none.
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

/** Those of this configuration are known by name: a list may be a moment behind. */
async function others(client: Client, { projects }: Config, kept: Set<string>): Promise<string[]> {
  const found = new Set(places(projects).map(pollId));
  for await (const { scheduleId } of client.schedule.list())
    if (scheduleId.startsWith('poll/')) found.add(scheduleId);
  return [...found].filter((id) => !kept.has(id));
}

const unscheduled = ({ message }: Error, wanted: Place[]) =>
  `The server took no schedule (${message}): a push deploys nothing by itself to ` +
  `${wanted.map(({ project, environment }) => `${project} ${environment}`).join(', ')}.\n` +
  `Start the worker again, or deploy by hand: ${plimsoll} deploy PROJECT ENVIRONMENT`;
