import { withSession } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { createPaint } from '../paint.ts';
import { checkKnown, checkPolled, findWorker } from '../registry.ts';
import { renderPlan } from '../render-plan.ts';
import { signRequest } from '../request.ts';
import type { RequestOptions } from '../request.ts';
import { runPlan } from '../run-plan.ts';

/** Read only: exit 7 if a gate is closed. */
export const plan = (io: Io, options: RequestOptions): Promise<number> =>
  withSession(io, async (session) => {
    const worker = await findWorker(io, session);
    checkKnown(worker, options);
    await checkPolled(session, worker.taskQueue);
    const sealed = await runPlan(session, worker.taskQueue, await signRequest(io, options));
    io.data(sealed, renderPlan(sealed, { paint: createPaint(io.color) }));
    const open = sealed.gates.length > 0 && sealed.gates.every((gate) => gate.open);
    return open ? exitCodes.ok : exitCodes.gateClosed;
  });
