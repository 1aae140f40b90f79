import { messages, plimsoll } from '../../domain/messages.ts';
import type { RegistryMemo } from '../../domain/messages.ts';
import { flaggable, mostFlagText, readFlag } from '../../domain/policy/flag.ts';
import { isProduction } from '../../domain/policy/rule.ts';
import type { Phase } from '../../domain/plan.ts';
import { withSession } from '../connect.ts';
import type { Session } from '../connect.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { identity } from '../identity.ts';
import type { IdentityOptions } from '../identity.ts';
import type { Io } from '../io.ts';
import { handleOf, readDeploy, reportOf } from '../read-deploy.ts';
import type { Place, Seen } from '../read-deploy.ts';
import { checkKnown, findWorker } from '../registry.ts';
import { duration } from '../words.ts';

/** `words`: the text, or the environment and the text. */
export type FlagOptions = Pick<IdentityOptions, 'as'> & { project: string; words: string[] };

/** A report on what is live: unsigned, because all it does is to make the open deploy ask. */
export const flag = (io: Io, options: FlagOptions): Promise<number> =>
  withSession(io, async (session) => {
    const worker = await findWorker(io, session);
    const { project } = options;
    checkKnown(worker, { project });
    const { environment, text } = readWords(worker, options);
    checkKnown(worker, { project, environment });
    const report = readFlag({ text, who: identity(io, options).name }, new Date().toISOString());
    const seen = await readDeploy(session, { project, environment });
    const phase = (seen.status?.phase ?? seen.phase ?? 'watch') as Phase;
    if (!seen.running) throw await nothingOpen(session, seen);
    if (!flaggable.has(phase)) throw notLive(seen.place, phase);
    const handle = handleOf(session, seen.place, seen.runId);
    const sent = { text: report.text, who: report.who };
    await session.within(() => handle.signal(messages.flag, sent));
    io.data({ flag: sent, deploy: handle.workflowId, runId: seen.runId }, whatFollows(seen));
    const where = `${project} ${environment}`;
    io.say(
      `Take it back now:         ${plimsoll} rollback ${where}\n` +
        `It is healthy after all:  ${plimsoll} keep ${where}`,
    );
    return exitCodes.ok;
  });

function readWords({ projects }: RegistryMemo, { project, words }: FlagOptions) {
  const [first = '', second, ...more] = words;
  const text = (second ?? first).trim();
  if (more.length > 0 || text === '' || (second === undefined && projects[project]?.includes(text)))
    throw badText(project, 'the report is one text in quotes, and not empty');
  if ([...text].length > mostFlagText)
    throw badText(project, `the report has ${[...text].length} letters, at most ${mostFlagText}`);
  return { text, environment: second === undefined ? onlyPlace(projects, project) : first };
}

const badText = (project: string, why: string) =>
  new UserError(
    `Nothing was flagged: ${why}.\n` +
      `Like this: ${plimsoll} flag ${project} "customers cannot pay"`,
    exitCodes.usage,
  );

/** What customers see, unless there is only one place. */
function onlyPlace(projects: RegistryMemo['projects'], project: string): string {
  const all = projects[project] ?? [];
  const live = all.length === 1 ? all : all.filter(isProduction);
  const [environment] = live;
  if (live.length === 1 && environment !== undefined) return environment;
  throw new UserError(
    `Nothing was flagged: which environment of ${project}? It has ${all.join(', ')}.\n` +
      `Like this: ${plimsoll} flag ${project} ${all[0] ?? 'ENVIRONMENT'} "customers cannot pay"`,
    exitCodes.usage,
  );
}

function whatFollows({ place, phase, status, sealed }: Seen): string {
  const where = `${place.project} ${place.environment}`;
  const later = status ? '' : ' No worker answers now: it happens when one is back.';
  const when = (status?.phase ?? phase) === 'release' ? 'as soon as it is on every host' : 'now';
  const patience = sealed ? duration(sealed.plan.timing.flagMs) : '15 min';
  const then = sealed?.plan.restoreTo
    ? `without a signed keep it goes back to ${sealed.plan.restoreTo.sha.slice(0, 7)} after ${patience}`
    : 'it has no way back, a person is called';
  return `${where}: flagged. It asks ${when}; ${then}.${later}`;
}

async function nothingOpen(session: Session, seen: Seen) {
  const { project, environment } = seen.place;
  const outcome = await reportOf(session, seen).then(
    (report) => report.outcome,
    () => seen.state.toLowerCase(),
  );
  return new UserError(
    `No deploy of ${project} ${environment} is open: the last one closed as ${outcome} at ` +
      `${seen.closedAt}. A flag makes an open deploy ask; nothing was changed.\n` +
      `What was shipped, and what was proven: ${plimsoll} history ${project} ${environment}\n` +
      `Go back to one of them: ${plimsoll} deploy ${project} ${environment} --ref COMMIT`,
    exitCodes.notAllowed,
  );
}

const standing: Partial<Record<Phase, string>> = {
  restore: 'it is being taken back already',
  settle: 'its watch has passed and it is being closed',
};

const notLive = ({ project, environment }: Place, phase: Phase) =>
  new UserError(
    `The open deploy of ${project} ${environment} is in ${phase}: ` +
      `${standing[phase] ?? 'nothing of it is live yet, customers see the release before'}. ` +
      'Nothing was flagged.\n' +
      `Stop it:          ${plimsoll} rollback ${project} ${environment}\n` +
      `What was shipped: ${plimsoll} history ${project} ${environment}`,
    exitCodes.notAllowed,
  );
