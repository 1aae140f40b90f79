import type { Adoption } from '../../domain/contract/activities.ts';
import { namespaces, plimsoll } from '../../domain/deploy/wire.ts';
import { withSession } from '../session/connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { checkKnown, checkPolled, findWorker } from '../session/registry.ts';
import { signRequest } from '../sign/request.ts';
import type { RequestOptions } from '../sign/request.ts';
import { runTask } from '../session/run-task.ts';
import { short } from '../../domain/messages/parts/format.ts';
import { about, signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Deploy',
  order: 5,
  summary: 'record the live release, so that the first rollback has a target',
};

export const verb: Verb = (command, execute) =>
  signed(about(command))
    .option('--ref <ref>', 'the live commit, if the hosts do not report it', 'live')
    .option(
      '--reason <text>',
      'why you adopt the live release; the ledger records this text',
      'first release under Plimsoll',
    )
    .action((project, environment, options) =>
      execute((io) => adopt(io, { project, environment, ...options })),
    );

export type AdoptOptions = Omit<RequestOptions, 'priority' | 'rollbackTarget'>;

/**
 * Records the live release as a rollback target. Does not change the live release. The worker
 * stages the live commit for a later rollback. Exit 0: recorded. Exit 2: refused.
 */
export const adopt = (io: Io, options: AdoptOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    const worker = await findWorker(io, session);
    checkKnown(worker, options);
    await checkPolled(session, worker.taskQueue);
    const request = { ...options, priority: 'normal' } as const;
    const signed = await signRequest(io, request, namespaces.adopt);
    const { project, environment } = options;
    const task = { task: 'adopt', input: signed } as const;
    const adoption = await runTask<Adoption>(session, worker.taskQueue, task);
    const { release, hosts } = adoption;
    const where = hosts.map(({ host, path }) => (path === null ? host : `${host} (${path})`));
    io.data(adoption, `Adopted ${short(release.sha)} on ${where.join(', ')} as ${release.id}.`);
    io.say(
      `The next deploy can roll back to this release. Plan the next deploy: ${plimsoll} plan ${project} ${environment}`,
    );
    return exitCodes.ok;
  });
