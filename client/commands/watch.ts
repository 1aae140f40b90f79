import { withSession } from '../session/connect.ts';
import { follow } from '../session/follow.ts';
import type { Io } from '../io.ts';
import { readDeploy } from '../session/read-deploy.ts';
import type { Place } from '../session/read-deploy.ts';
import { about, signed } from '../options.ts';
import type { IdentityOptions } from '../sign/identity.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Deploy',
  order: 3,
  summary: 'follow a deploy until it closes; Ctrl-C does not stop the deploy',
};

export const verb: Verb = (command, execute) =>
  signed(about(command)).action((project, environment, options) =>
    execute((io) => watch(io, { project, environment, ...options })),
  );

/** Shows the newest deploy of a place until the deploy closes. */
export const watch = (io: Io, options: Place & IdentityOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    const { place, runId } = await readDeploy(session, options);
    return await follow(io, session, place, { runId });
  });
