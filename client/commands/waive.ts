import { waiveDigest } from '../../activities/lib/seal-digest.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import type { Ruling } from '../../domain/deploy/plan.ts';
import { longestWaiverDays, wrongDay } from '../../domain/approval/waiver.ts';
import type { SignedDecision } from '../../domain/config/config.ts';
import { withSession } from '../session/connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { IdentityOptions } from '../sign/identity.ts';
import type { Io } from '../io.ts';
import type { Place } from '../session/read-deploy.ts';
import { checkKnown, checkPolled, findWorker } from '../session/registry.ts';
import { runTask } from '../session/run-task.ts';
import { signStandalone, whyCounted } from '../sign/sign-standalone.ts';
import { about, signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Decide',
  order: 5,
  summary: 'sign that a finding of the security audit does no harm until a given day',
};

export const verb: Verb = (command, execute) =>
  signed(about(command))
    .argument('<finding>', 'the finding as the audit gate prints it, such as GHSA-vh95-rmgr-6w4m')
    .requiredOption(
      '--reason <text>',
      'why the finding does no harm; every deploy that uses the waiver shows this text',
    )
    .requiredOption(
      '--until <day>',
      'last day of the waiver, such as 2027-01-31; at most 90 days away',
    )
    .action((project, environment, finding, options) =>
      execute((io) => waive(io, { project, environment, finding, ...options })),
    );

export type WaiveOptions = Place &
  IdentityOptions & { finding: string; reason: string; until: string };

/** Signs a waiver for a finding of the security audit. Exit 0: waived. Exit 4: refused. */
export const waive = (io: Io, options: WaiveOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    checkWords(options, new Date());
    const { taskQueue, ...worker } = await findWorker(io, session);
    checkKnown({ taskQueue, ...worker }, options);
    await checkPolled(session, taskQueue);
    const { finding, reason, until } = options;
    const signed = await sign(io, options);
    const input = { signed, finding, reason, until };
    const ruling = await runTask<Ruling>(session, taskQueue, { task: 'waive', input });
    return showRuling(io, options, ruling);
  });

const dayMs = 24 * 60 * 60_000;

function checkWords({ project, environment, finding, reason, until }: WaiveOptions, now: Date) {
  const refused = (why: string) =>
    new UserError(
      `${why} Nothing was signed.\n` +
        `${plimsoll} waive ${project} ${environment} FINDING --reason "why it does no harm" --until DAY`,
      exitCodes.usage,
    );
  if (!/^[\w.:/@+-]{1,200}$/.test(finding))
    throw refused(`Name the finding as the audit gate prints it, not ${JSON.stringify(finding)}.`);
  if (reason.trim() === '' || reason.length > 300)
    throw refused('A waiver needs a --reason of 1 to 300 characters.');
  if (wrongDay({ until, now: now.toISOString() }))
    throw refused(
      `The last day of a waiver must be between today and ${longestWaiverDays} days from now, such as ` +
        `${new Date(now.getTime() + 30 * dayMs).toISOString().slice(0, 10)}.`,
    );
}

/** A waiver covers a finding in any commit, so its decision names no commit. */
const noCommit = '0'.repeat(40);

async function sign(io: Io, options: WaiveOptions): Promise<SignedDecision> {
  const { project, environment, finding, reason, until } = options;
  const subjectDigest = waiveDigest({ project, environment, finding, reason, until });
  const about = { subject: 'waive', subjectDigest, deployId: '', sha: noCommit } as const;
  return signStandalone(io, options, { ...about, project, environment });
}

function showRuling(io: Io, { project, environment }: WaiveOptions, ruling: Ruling): number {
  const why = whyCounted(ruling, {
    goesOn: 'the finding still closes the gate',
    who: 'Only these people may waive the finding: the approvers',
  });
  io.data({ ruling }, `Waived: ${why}. Every deploy that uses the waiver shows the waiver.`);
  io.say(`Deploy: ${plimsoll} deploy ${project} ${environment} --ref COMMIT`);
  return exitCodes.ok;
}
