import { randomBytes } from 'node:crypto';
import { liftDigest } from '../../activities/lib/seal-digest.ts';
import type { Entry, LiftInput } from '../../domain/activities.ts';
import { messages, plimsoll } from '../../domain/messages.ts';
import type { Ruling } from '../../domain/plan.ts';
import { commitOf, quarantineToLift } from '../../domain/policy/standing.ts';
import type { SignedDecision } from '../../domain/schema.ts';
import { clean } from '../clean.ts';
import { withSession } from '../connect.ts';
import type { Session } from '../connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { IdentityOptions } from '../identity.ts';
import type { Io } from '../io.ts';
import type { Place } from '../read-deploy.ts';
import { checkKnown, checkPolled, findWorker } from '../registry.ts';
import { runReadOnly } from '../run-plan.ts';
import { signAlone, whyCounted } from '../sign-alone.ts';
import { short } from '../words.ts';

export type LiftOptions = Place & IdentityOptions & { sha: string; reason: string };

/** Exit 0 lifted, 4 refused, 2 nothing is quarantined by that name. */
export const lift = (io: Io, options: LiftOptions): Promise<number> =>
  withSession(io, async (session) => {
    checkWords(options);
    const { taskQueue, ...worker } = await findWorker(io, session);
    checkKnown({ taskQueue, ...worker }, options);
    await checkPolled(session, taskQueue);
    const quarantine = await findQuarantine(session, taskQueue, options);
    const signed = await sign(io, options, quarantine);
    const { project, environment, nonce } = signed.decision;
    const ruling = await runReadOnly<Ruling>(session, {
      type: messages.lift,
      taskQueue,
      workflowId: `lift/${project}/${environment}/${nonce}`,
      input: { signed, reason: options.reason } satisfies LiftInput,
      summary: `lift the quarantine of ${short(signed.decision.sha)} in ${project} ${environment}`,
    });
    return told(io, options, ruling);
  });

function checkWords({ project, environment, sha, reason }: LiftOptions) {
  const usage = `${plimsoll} lift ${project} ${environment} SHA --reason "why it is safe"`;
  if (!/^[0-9a-f]{7,40}$/.test(sha))
    throw new UserError(
      `A quarantine is of a commit: 7 to 40 digits, not ${JSON.stringify(sha)}. Nothing was signed.\n${usage}`,
      exitCodes.usage,
    );
  if (reason.trim() === '' || reason.length > 500)
    throw new UserError(
      `A lift needs a reason of 1 to 500 characters: it is recorded. Nothing was signed.\n${usage}`,
      exitCodes.usage,
    );
}

/** More than a team's quarantines of years. */
const limit = 1000;

async function findQuarantine(session: Session, taskQueue: string, options: LiftOptions) {
  const { project, environment, sha } = options;
  const entries = await runReadOnly<Entry[]>(session, {
    type: messages.history,
    taskQueue,
    workflowId: `history/${randomBytes(16).toString('hex')}`,
    input: { project, kinds: ['quarantine', 'lifted'], limit },
    summary: 'quarantines, read only',
  });
  const found = quarantineToLift(entries, { environment, sha });
  if (found) return found;
  throw new UserError(
    `${short(sha)} is not quarantined in ${project} ${environment}. Nothing was signed.\n` +
      `What is: ${plimsoll} history ${project} ${environment}`,
    exitCodes.usage,
  );
}

async function sign(io: Io, options: LiftOptions, quarantine: Entry): Promise<SignedDecision> {
  const { project, environment, reason } = options;
  const { deployId, sha } = {
    deployId: quarantine.deployId ?? '',
    sha: commitOf(quarantine) ?? '',
  };
  const { why } = clean(quarantine.body);
  io.say(`Quarantined since ${quarantine.at}: ${typeof why === 'string' ? why : 'no reason'}`);
  const subjectDigest = liftDigest({ deployId, project, environment, sha, reason });
  const about = { subject: 'lift', subjectDigest, deployId, sha } as const;
  return signAlone(io, options, { ...about, project, environment });
}

function told(io: Io, { project, environment }: LiftOptions, ruling: Ruling): number {
  const why = whyCounted(ruling, {
    goesOn: 'the quarantine stands',
    who: 'Who may lift it: the approvers',
  });
  io.data({ ruling }, `Lifted: ${why}.`);
  io.say(`Deploy it: ${plimsoll} deploy ${project} ${environment} --ref COMMIT`);
  return exitCodes.ok;
}
