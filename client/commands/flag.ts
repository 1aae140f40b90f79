import { plimsoll } from '../../domain/deploy/wire.ts';
import type { RegistryMemo } from '../../domain/deploy/wire.ts';
import { flaggable, mostFlagText, readFlag } from '../../domain/incident/flag.ts';
import { isProduction } from '../../domain/approval/rule.ts';
import type { Phase } from '../../domain/deploy/plan.ts';
import { withSession } from '../session/connect.ts';
import type { Session } from '../session/connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { identity } from '../sign/identity.ts';
import type { IdentityOptions } from '../sign/identity.ts';
import type { Io } from '../io.ts';
import { refuseIfFailing } from '../session/failing.ts';
import { readDeploy, reportOf, workflowIdOf } from '../session/read-deploy.ts';
import type { Place, DeploySnapshot } from '../session/read-deploy.ts';
import { checkKnown, findWorker } from '../session/registry.ts';
import { duration } from '../../domain/messages/parts/format.ts';
import { signed } from '../options.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Stop and roll back',
  order: 4,
  summary: 'report a broken live release; it is rolled back if nobody answers within 15 min',
};

export const verb: Verb = (command, execute) =>
  signed(command)
    .usage('[options] <project> [environment] <text>')
    .argument('<project>', 'a project in plimsoll.yaml')
    .argument(
      '<words...>',
      'the environment (default: production), then the report, such as "customers cannot pay"',
    )
    .action((project, words, options) => execute((io) => flag(io, { project, words, ...options })));

/** `words` contains the text, or the environment and the text. */
export type FlagOptions = IdentityOptions & { project: string; words: string[] };

/**
 * Reports a problem with the live release to the open deploy. Then the deploy asks a person.
 * Without an answer, the deploy rolls the release back. A report has no other effect, so it needs
 * no signature.
 */
export const flag = (io: Io, options: FlagOptions): Promise<number> =>
  withSession(io, options, async (session) => {
    const worker = await findWorker(io, session);
    const { project } = options;
    checkKnown(worker, { project });
    const { environment, text } = readWords(worker, options);
    checkKnown(worker, { project, environment });
    const report = readFlag({ text, who: identity(io, options).name }, new Date().toISOString());
    const snapshot = await readDeploy(session, { project, environment });
    const phase = (snapshot.status?.phase ?? snapshot.phase ?? 'watch') as Phase;
    if (!snapshot.running) throw await nothingOpen(session, snapshot);
    refuseIfFailing('flag', snapshot);
    if (!flaggable.has(phase)) throw notLive(snapshot.place, phase);
    const sent = { text: report.text, who: report.who };
    const stored = await session.order(snapshot, { order: 'flag', ...sent });
    if (stored === 'closed')
      throw await nothingOpen(session, await readDeploy(session, snapshot.place));
    io.data(
      { flag: sent, deploy: workflowIdOf(snapshot.place), runId: snapshot.runId },
      whatFollows(snapshot),
    );
    const where = `${project} ${environment}`;
    io.say(
      `Roll the release back now:  ${plimsoll} rollback ${where}\n` +
        `Keep it, if it is healthy:  ${plimsoll} keep ${where}`,
    );
    return exitCodes.ok;
  });

function readWords({ projects }: RegistryMemo, { project, words }: FlagOptions) {
  const [first = '', second, ...more] = words;
  const text = (second ?? first).trim();
  if (more.length > 0 || text === '' || (second === undefined && projects[project]?.includes(text)))
    throw badText(project, 'the report must be one text in quotes, and not empty');
  if ([...text].length > mostFlagText)
    throw badText(
      project,
      `the report has ${[...text].length} letters; at most ${mostFlagText} are allowed`,
    );
  return { text, environment: second === undefined ? onlyPlace(projects, project) : first };
}

const badText = (project: string, why: string) =>
  new UserError(
    `Nothing was flagged: ${why}.\n` +
      `For example: ${plimsoll} flag ${project} "customers cannot pay"`,
    exitCodes.usage,
  );

/**
 * Returns the only environment of the project, or its only production environment. Throws a
 * UserError if neither exists, because then the person must name the environment.
 */
function onlyPlace(projects: RegistryMemo['projects'], project: string): string {
  const all = projects[project] ?? [];
  const live = all.length === 1 ? all : all.filter(isProduction);
  const [environment] = live;
  if (live.length === 1 && environment !== undefined) return environment;
  throw new UserError(
    `Nothing was flagged, because no environment is named. The environments of ${project} are ${all.join(', ')}.\n` +
      `For example: ${plimsoll} flag ${project} ${all[0] ?? 'ENVIRONMENT'} "customers cannot pay"`,
    exitCodes.usage,
  );
}

function whatFollows({ place, phase, status, sealed }: DeploySnapshot): string {
  const where = `${place.project} ${place.environment}`;
  const later = status ? '' : ' No worker answers now, so this happens when a worker runs again.';
  const when =
    (status?.phase ?? phase) === 'release' ? 'as soon as the release is on every host' : 'now';
  const timeLimit = sealed ? duration(sealed.plan.timing.flagMs) : '15 min';
  const then = sealed?.plan.rollbackTarget
    ? `Unless an approver keeps the release within ${timeLimit}, the release is rolled back to ${sealed.plan.rollbackTarget.sha.slice(0, 7)}`
    : 'There is no rollback target, so a person is paged';
  return `${where}: flagged. The deploy asks a person ${when}. ${then}.${later}`;
}

async function nothingOpen(session: Session, snapshot: DeploySnapshot) {
  const { project, environment } = snapshot.place;
  const outcome = await reportOf(session, snapshot).then(
    (report) => report.outcome,
    () => snapshot.state.toLowerCase(),
  );
  return new UserError(
    `No deploy of ${project} ${environment} is open: the last deploy closed as ${outcome} at ` +
      `${snapshot.closedAt}. Only an open deploy can be flagged, so nothing was changed.\n` +
      `See the deployed and proven commits: ${plimsoll} history ${project} ${environment}\n` +
      `Deploy one of these commits again: ${plimsoll} deploy ${project} ${environment} --ref COMMIT`,
    exitCodes.notAllowed,
  );
}

const standing: Partial<Record<Phase, string>> = {
  rollback: 'the release is already being rolled back',
  settle: 'the release passed its watch, and the deploy is closing',
};

const notLive = ({ project, environment }: Place, phase: Phase) =>
  new UserError(
    `The open deploy of ${project} ${environment} is in ${phase}: ` +
      `${standing[phase] ?? 'the release is not live yet, and customers see the previous release'}. ` +
      'Nothing was flagged.\n' +
      `Stop it:           ${plimsoll} rollback ${project} ${environment}\n` +
      `What was deployed: ${plimsoll} history ${project} ${environment}`,
    exitCodes.notAllowed,
  );
