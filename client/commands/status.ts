import { withSession } from '../connect.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { createPaint } from '../paint.ts';
import { readDeploy, reportOf } from '../read-deploy.ts';
import type { Place } from '../read-deploy.ts';
import { renderDeploy, renderReport } from '../render.ts';

/** Once: exit 8 while it runs, else by its outcome. Works with every worker down. */
export const status = (io: Io, place: Place): Promise<number> =>
  withSession(io, async (session) => {
    const seen = await readDeploy(session, place);
    const paint = createPaint(io.color);
    const screen = renderDeploy(seen, { now: new Date(), paint });
    if (seen.running) {
      io.data(seen, screen);
      return exitCodes.running;
    }
    const report = await reportOf(session, seen);
    io.data({ ...seen, report }, `${screen}\n${renderReport(report, paint)}`);
    return exitCodeOf(report);
  });
