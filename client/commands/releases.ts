import type { ReleasesReport } from '../../domain/contract/activities.ts';
import { renderReleases } from '../../domain/messages/late-rollback.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { about, signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';
import { withSession } from '../session/connect.ts';
import type { Place } from '../session/read-deploy.ts';
import { checkKnown, checkPolled, findWorker } from '../session/registry.ts';
import { runTask } from '../session/run-task.ts';
import type { IdentityOptions } from '../sign/identity.ts';

export const listing: Listing = {
  group: 'Look back',
  order: 9,
  summary: 'list the releases that can be rolled back to now',
};

export const verb: Verb = (command, execute) =>
  signed(about(command)).action((project, environment, options) =>
    execute((io) => releases(io, { project, environment, ...options })),
  );

/** Lists the releases to which a place can be rolled back now. Changes nothing. */
export const releases = (io: Io, options: Place & IdentityOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    const { project, environment } = options;
    const input = { project, environment };
    const worker = await findWorker(io, session);
    checkKnown(worker, input);
    await checkPolled(session, worker.taskQueue);
    const task = { task: 'releases', input } as const;
    const report = await runTask<ReleasesReport>(session, worker.taskQueue, task);
    io.data(report, renderReleases(input, report));
    return exitCodes.ok;
  });
