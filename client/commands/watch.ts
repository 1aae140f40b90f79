import { withSession } from '../connect.ts';
import { follow } from '../follow.ts';
import type { Io } from '../io.ts';
import { readDeploy } from '../read-deploy.ts';
import type { Place } from '../read-deploy.ts';

/** Follows the newest deploy of a place to its end. */
export const watch = (io: Io, place: Place): Promise<number> =>
  withSession(io, async (session) => {
    const { runId } = await readDeploy(session, place);
    return await follow(io, session, place, { runId });
  });
