import { checkShownSeal } from '../session/check-seal.ts';
import { withSession } from '../session/connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { createPaint } from '../../domain/messages/parts/paint.ts';
import { checkKnown, checkPolled, findWorker, withRef } from '../session/registry.ts';
import type { WithoutRef } from '../session/registry.ts';
import { renderPlan } from '../../domain/messages/plan.ts';
import { namespaces } from '../../domain/deploy/wire.ts';
import { signRequest } from '../sign/request.ts';
import type { RequestOptions } from '../sign/request.ts';
import { runPlan } from '../session/run-task.ts';
import { requested } from '../options.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Deploy',
  order: 1,
  summary: 'show what a deploy would do, and whether its gates are open; changes nothing',
};

export const verb: Verb = (command, execute) =>
  requested(command).action((project, environment, options) =>
    execute((io) => plan(io, { project, environment, ...options })),
  );

/** Shows what a deploy would do, and changes nothing. Exit 7 if a gate is closed. */
export const plan = (io: Io, options: WithoutRef<RequestOptions>): Promise<number> =>
  withSession(io, options, async (session) => {
    const worker = await findWorker(io, session);
    checkKnown(worker, options);
    await checkPolled(session, worker.taskQueue);
    const sealed = await runPlan(
      session,
      worker.taskQueue,
      await signRequest(io, withRef(worker, options), namespaces.plan),
    );
    const checked = await checkShownSeal(io, session, sealed);
    io.data(sealed, renderPlan(sealed, { paint: createPaint(io.color) }));
    io.say(checked);
    const open = sealed.gates.length > 0 && sealed.gates.every((gate) => gate.open);
    return open ? exitCodes.ok : exitCodes.gateClosed;
  });
