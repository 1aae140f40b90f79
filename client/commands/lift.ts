import { liftDigest } from '../../activities/lib/seal-digest.ts';
import type { Entry } from '../../domain/contract/activities.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import type { Ruling } from '../../domain/deploy/plan.ts';
import { commitOf, quarantineToLift } from '../../domain/rollback/standing.ts';
import type { SignedDecision } from '../../domain/config/config.ts';
import { clean } from '../../domain/messages/parts/clean.ts';
import { withSession } from '../session/connect.ts';
import type { Session } from '../session/connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { IdentityOptions } from '../sign/identity.ts';
import type { Io } from '../io.ts';
import type { Place } from '../session/read-deploy.ts';
import { checkKnown, checkPolled, findWorker } from '../session/registry.ts';
import { runTask } from '../session/run-task.ts';
import { signStandalone, whyCounted } from '../sign/sign-standalone.ts';
import { short } from '../../domain/messages/parts/format.ts';
import { about, signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Decide',
  order: 4,
  summary: 'sign that a quarantined commit may be deployed again; a deploy still needs approval',
};

export const verb: Verb = (command, execute) =>
  signed(about(command))
    .argument('<sha>', 'the quarantined commit, at least 7 digits')
    .requiredOption('--reason <text>', 'why the commit is safe now; the ledger records this text')
    .action((project, environment, sha, options) =>
      execute((io) => lift(io, { project, environment, sha, ...options })),
    );

export type LiftOptions = Place & IdentityOptions & { sha: string; reason: string };

/**
 * Signs that a quarantined commit may be deployed again. Exit 0: lifted. Exit 4: refused. Exit 2:
 * the commit is not quarantined.
 */
export const lift = (io: Io, options: LiftOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    checkWords(options);
    const { taskQueue, ...worker } = await findWorker(io, session);
    checkKnown({ taskQueue, ...worker }, options);
    await checkPolled(session, taskQueue);
    const quarantine = await findQuarantine(session, taskQueue, options);
    const signed = await sign(io, options, quarantine);
    const input = { signed, reason: options.reason };
    const ruling = await runTask<Ruling>(session, taskQueue, { task: 'lift', input });
    return showRuling(io, options, ruling);
  });

function checkWords({ project, environment, sha, reason }: LiftOptions) {
  const usage = `${plimsoll} lift ${project} ${environment} SHA --reason "why it is safe"`;
  if (!/^[0-9a-f]{7,40}$/.test(sha))
    throw new UserError(
      `lift needs 7 to 40 digits of a commit, not ${JSON.stringify(sha)}. Nothing was signed.\n${usage}`,
      exitCodes.usage,
    );
  if (reason.trim() === '' || reason.length > 500)
    throw new UserError(
      `lift needs a --reason of 1 to 500 characters. Nothing was signed.\n${usage}`,
      exitCodes.usage,
    );
}

/**
 * The largest number of ledger entries to read. A team needs years until it has 1,000 quarantines.
 */
const limit = 1000;

async function findQuarantine(session: Session, taskQueue: string, options: LiftOptions) {
  const { project, environment, sha } = options;
  const entries = await runTask<Entry[]>(session, taskQueue, {
    task: 'history',
    input: { project, kinds: ['quarantine', 'lifted'], limit },
  });
  const found = quarantineToLift(entries, { environment, sha });
  if (found) return found;
  throw new UserError(
    `${short(sha)} is not quarantined in ${project} ${environment}. Nothing was signed.\n` +
      `See the quarantined commits: ${plimsoll} history ${project} ${environment}`,
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
  return signStandalone(io, options, { ...about, project, environment });
}

function showRuling(io: Io, { project, environment }: LiftOptions, ruling: Ruling): number {
  const why = whyCounted(ruling, {
    goesOn: 'the commit stays in quarantine',
    who: 'Only these people may lift the quarantine: the approvers',
  });
  io.data({ ruling }, `Lifted: ${why}.`);
  io.say(`Deploy the commit: ${plimsoll} deploy ${project} ${environment} --ref COMMIT`);
  return exitCodes.ok;
}
