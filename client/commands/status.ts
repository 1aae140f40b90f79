import { judgeSnapshot } from '../session/check-seal.ts';
import { withSession } from '../session/connect.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { createPaint } from '../../domain/messages/parts/paint.ts';
import { unattended } from '../session/lock-holder.ts';
import { overview } from '../session/overview.ts';
import { readDeploy, reportOf } from '../session/read-deploy.ts';
import type { Place } from '../session/read-deploy.ts';
import { renderDeploy, renderReport } from '../../domain/messages/screen.ts';
import { signed } from '../options.ts';
import type { IdentityOptions } from '../sign/identity.ts';
import type { Listing, Verb } from '../run.ts';
import { watch } from './watch.ts';

export const listing: Listing = {
  group: 'Deploy',
  order: 4,
  summary:
    "show a deploy's state (exit 8 while it runs, then the code of its outcome), or one line for every place",
};

export const verb: Verb = (command, execute) =>
  signed(
    command
      .argument('[project]', 'a project in plimsoll.yaml; without a project, every place is shown')
      .argument('[environment]', 'an environment of the project'),
  )
    .option('--watch', 'show the places again after each change, until Ctrl-C')
    .action((project, environment, options) =>
      execute((io) =>
        project === undefined || environment === undefined
          ? withSession(io, options, (session) =>
              overview(io, session, { project, watch: options.watch ?? false }),
            )
          : options.watch
            ? watch(io, { project, environment, ...options })
            : status(io, { project, environment, ...options }),
      ),
    );

/**
 * Shows the status once. Needs no running worker. Exit 8: the deploy runs. Exit 1: Plimsoll cannot
 * continue the deploy. Exit 4: no worker sealed the plan of the deploy. For a closed deploy, the
 * exit code is that of its outcome.
 */
export const status = (io: Io, options: Place & IdentityOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    const snapshot = await readDeploy(session, options);
    const paint = createPaint(io.color);
    const screen = renderDeploy(snapshot, { now: new Date(), paint });
    const seal = await judgeSnapshot(io, session, snapshot);
    const known = { ...snapshot, ...(seal ? { seal } : {}) };
    if (snapshot.running) {
      io.data(known, screen);
      if (seal) io.say(seal.line);
      const nobody = await unattended(session, snapshot);
      if (nobody) io.say(nobody);
      if (seal?.forged) return exitCodes.notAllowed;
      return snapshot.failing ? exitCodes.failed : exitCodes.running;
    }
    const report = await reportOf(session, snapshot);
    io.data({ ...known, report }, `${screen}\n${renderReport(report, paint)}`);
    if (seal) io.say(seal.line);
    return seal?.forged ? exitCodes.notAllowed : exitCodeOf(report);
  });
