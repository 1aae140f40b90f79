import { withSession } from '../session/connect.ts';
import { follow } from '../session/follow.ts';
import type { Io } from '../io.ts';
import { readDeploy } from '../session/read-deploy.ts';
import type { Place } from '../session/read-deploy.ts';
import { about } from '../options.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Deploy',
  order: 3,
  summary: 'follow a deploy until it closes; Ctrl-C does not stop the deploy',
};

export const verb: Verb = (command, execute) =>
  about(command).action((project, environment) =>
    execute((io) => watch(io, { project, environment })),
  );

/** Follows the newest deploy of a place to its end. */
export const watch = (io: Io, place: Place): Promise<number> =>
  withSession(io, async (session) => {
    const { runId } = await readDeploy(session, place);
    return await follow(io, session, place, { runId });
  });
