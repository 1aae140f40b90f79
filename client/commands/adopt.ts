import type { Adoption } from '../../domain/activities.ts';
import { messages, namespaces, plimsoll } from '../../domain/messages.ts';
import { withSession } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { checkKnown, checkPolled, findWorker } from '../registry.ts';
import { signRequest } from '../request.ts';
import type { RequestOptions } from '../request.ts';
import { runReadOnly } from '../run-plan.ts';
import { short } from '../words.ts';

export type AdoptOptions = Omit<RequestOptions, 'priority' | 'restoreTo'>;

/** Exit 0 recorded, 2 refused. What is served is not touched; its commit is staged beside it. */
export const adopt = (io: Io, options: AdoptOptions): Promise<number> =>
  withSession(io, async (session) => {
    const worker = await findWorker(io, session);
    checkKnown(worker, options);
    await checkPolled(session, worker.taskQueue);
    const request = { ...options, priority: 'normal' } as const;
    const signed = await signRequest(io, request, namespaces.adopt);
    const { project, environment } = options;
    const adoption = await runReadOnly<Adoption>(session, {
      type: messages.adopt,
      taskQueue: worker.taskQueue,
      workflowId: `adopt/${project}/${environment}`,
      input: signed,
      summary: `adopt what is live in ${project} ${environment}`,
    });
    const { release, hosts } = adoption;
    const where = hosts.map(({ host, path }) => (path === null ? host : `${host} (${path})`));
    io.data(adoption, `Adopted ${short(release.sha)} on ${where.join(', ')} as ${release.id}.`);
    io.say(`The next deploy can go back to it: ${plimsoll} plan ${project} ${environment}`);
    return exitCodes.ok;
  });
