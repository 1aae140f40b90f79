import { waiveDigest } from '../../activities/lib/seal-digest.ts';
import type { WaiveInput } from '../../domain/activities.ts';
import { messages, plimsoll } from '../../domain/messages.ts';
import type { Ruling } from '../../domain/plan.ts';
import { longestWaiverDays, wrongDay } from '../../domain/policy/waiver.ts';
import type { SignedDecision } from '../../domain/schema.ts';
import { withSession } from '../connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { IdentityOptions } from '../identity.ts';
import type { Io } from '../io.ts';
import type { Place } from '../read-deploy.ts';
import { checkKnown, checkPolled, findWorker } from '../registry.ts';
import { runReadOnly } from '../run-plan.ts';
import { signAlone, whyCounted } from '../sign-alone.ts';

export type WaiveOptions = Place &
  IdentityOptions & { finding: string; reason: string; until: string };

/** Exit 0 waived, 4 refused. */
export const waive = (io: Io, options: WaiveOptions): Promise<number> =>
  withSession(io, async (session) => {
    checkWords(options, new Date());
    const { taskQueue, ...worker } = await findWorker(io, session);
    checkKnown({ taskQueue, ...worker }, options);
    await checkPolled(session, taskQueue);
    const { project, environment, finding, reason, until } = options;
    const signed = await sign(io, options);
    const ruling = await runReadOnly<Ruling>(session, {
      type: messages.waive,
      taskQueue,
      workflowId: `waive/${project}/${environment}/${signed.decision.nonce}`,
      input: { signed, finding, reason, until } satisfies WaiveInput,
      summary: `waive ${finding} in ${project} ${environment} until ${until}`,
    });
    return told(io, options, ruling);
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
    throw refused(
      `A finding is named as the audit gate prints it, not ${JSON.stringify(finding)}.`,
    );
  if (reason.trim() === '' || reason.length > 300)
    throw refused('A waiver needs a reason of 1 to 300 characters: every deploy shows it.');
  if (wrongDay({ until, now: now.toISOString() }))
    throw refused(
      `A waiver ends on a day from today to ${longestWaiverDays} days from now, such as ` +
        `${new Date(now.getTime() + 30 * dayMs).toISOString().slice(0, 10)}.`,
    );
}

/** It is about a finding, of whatever commit and deploy. */
const noCommit = '0'.repeat(40);

async function sign(io: Io, options: WaiveOptions): Promise<SignedDecision> {
  const { project, environment, finding, reason, until } = options;
  const subjectDigest = waiveDigest({ project, environment, finding, reason, until });
  const about = { subject: 'waive', subjectDigest, deployId: '', sha: noCommit } as const;
  return signAlone(io, options, { ...about, project, environment });
}

function told(io: Io, { project, environment }: WaiveOptions, ruling: Ruling): number {
  const why = whyCounted(ruling, {
    goesOn: 'the finding stands',
    who: 'Who may waive it: the approvers',
  });
  io.data({ ruling }, `Waived: ${why}. Every deploy that uses it says so.`);
  io.say(`Deploy: ${plimsoll} deploy ${project} ${environment} --ref COMMIT`);
  return exitCodes.ok;
}
