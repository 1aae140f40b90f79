import { ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import type { Client, ScheduleOptions } from '@temporalio/client';

type Whole = ScheduleOptions & Required<Pick<ScheduleOptions, 'spec' | 'policies' | 'action'>>;

/**
 * Creates a schedule, or overwrites an existing schedule. A schedule that a person paused stays
 * paused.
 */
export async function putSchedule(client: Client, options: Whole) {
  try {
    await client.schedule.create(options);
  } catch (cause) {
    if (!(cause instanceof ScheduleAlreadyRunning)) throw cause;
    const { spec, policies, action } = options;
    const there = client.schedule.getHandle(options.scheduleId);
    await there.update(({ state }) => ({ spec, policies, action, state }));
  }
}

export async function dropSchedule(client: Client, id: string) {
  await client.schedule
    .getHandle(id)
    .delete()
    .catch((cause: unknown) => {
      if (!(cause instanceof ScheduleNotFoundError)) throw cause;
    });
}
