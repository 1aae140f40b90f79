import { plimsoll } from '../deploy/wire.ts';
import type { ReleasesReport } from '../contract/activities.ts';
import type { Cause, Plan } from '../deploy/plan.ts';
import type { LateChoice, LateRefusal } from '../rollback/late-rollback.ts';
import { crossingWords } from './migrations.ts';
import { clean } from './parts/clean.ts';
import { short } from './parts/served.ts';
import { row } from './parts/format.ts';

type Place = { project: string; environment: string };
const where = ({ project, environment }: Place) => `${project} ${environment}`;

// Texts about a rollback after the deploy has closed.

/**
 * Returns the cause that the incident of a late rollback shows. With `blame`, the live release is
 * quarantined and reverted.
 */
export const lateCause = (by: string, reason: string, blame: boolean): Cause => ({
  kind: 'rollback',
  blames: blame ? 'release' : 'person',
  detail: `${by} ordered the rollback: ${reason}`,
});

/**
 * Returns the cause that the incident shows if the live release failed its smoke test right before
 * the rollback.
 */
export const condemnedCause = (ordered: Cause, failed: string): Cause => ({
  kind: 'smoke',
  blames: 'release',
  detail: `${ordered.detail}; the live release fails: ${failed}`,
});

/** Returns the line about the workflow in the list of the Web UI, at most 190 characters. */
export const lateSummary = ({
  project,
  environment,
  ref,
  requestedBy,
}: Place & { ref: string; requestedBy: string }) =>
  clean(`rollback of ${project} ${environment} to ${short(ref)} by ${requestedBy}`).slice(0, 190);

export const releasesSummary = (place: Place) => `releases of ${where(place)}, read only`;

/** Returns the reasons that the approval rule of a late rollback shows. */
export const lateRule = (plan: Pick<Plan, 'forwardOnly'>) =>
  plan.forwardOnly === undefined
    ? ['a rollback needs no approval']
    : [`an approver signs this rollback, because it crosses ${crossingWords(plan)}`];

/** Returns one line for each host that did not answer. The rollback of such a host waits. */
export const silentHosts = (silent: readonly { host: string; why: string }[]) =>
  silent.map(({ host, why }) => `${host} does not answer: ${why}`);

export const noHostAnswers = (place: Place, silent: readonly { host: string; why: string }[]) =>
  `No rollback of ${where(place)} can be planned, because no host answers: ` +
  `${silentHosts(silent).join('; ')}.\nNothing was touched. Check the hosts: ${plimsoll} doctor`;

export function nothingToRollBack(
  place: Place,
  { why, sha }: { why: 'served' | 'again'; sha: string },
): string {
  const now = `${where(place)} already serves ${short(sha)}`;
  if (why === 'served') return `${now}. Nothing was changed.`;
  return (
    `${now}, because the last deploy was rolled back. Nothing was changed.\n` +
    `To roll back further, choose a release:  ${plimsoll} releases ${where(place)}\n` +
    `Then:  ${plimsoll} rollback ${where(place)} --to COMMIT --reason "why"`
  );
}

/** Returns the reason why a rollback is impossible, and what to do instead. */
export function notThatRelease(place: Place, refusal: LateRefusal): string {
  return (
    `${where(place)} cannot be rolled back: ${why(refusal)}.\nNothing was changed. ` +
    `See the releases that are possible: ${plimsoll} releases ${where(place)}`
  );
}

function why(refusal: LateRefusal): string {
  switch (refusal.why) {
    case 'unknown-live':
      return 'Plimsoll does not know which commit is live';
    case 'none-older':
      return 'the platform can serve no proven release that is older than the live release';
    case 'ambiguous':
      return `several commits begin with ${refusal.wanted}`;
    case 'not-proven':
      return `no watch has proven ${short(refusal.sha)} here`;
    case 'quarantined':
      return `${short(refusal.sha)} is quarantined or was reverted`;
    case 'newer':
      return `${short(refusal.sha)} is not older than the live release. Deploy it instead`;
    case 'gone':
      return `${short(refusal.sha)} is not staged on every host, or the platform offers no rollback to it`;
    case 'no-return':
      return `no rollback to ${short(refusal.sha)} is possible, because ${refusal.because}`;
  }
}

/**
 * Says what a rollback would do now. The commands `releases` and `rollback` show this text.
 * `rollback` shows it before it signs the request.
 */
export function nextOf(place: Place, choice: LateChoice): ReleasesReport['next'] {
  if (choice.kind === 'nothing') return { kind: 'nothing', why: nothingToRollBack(place, choice) };
  if (choice.kind === 'impossible')
    return { kind: 'impossible', why: notThatRelease(place, choice.why) };
  const { from, to } = choice;
  const { forwardOnly } = to;
  return {
    kind: 'rollback',
    from: from.sha,
    to: to.release.sha,
    ...(forwardOnly === undefined ? {} : { forwardOnly }),
  };
}

/** Returns the screen of `releases`. */
export function renderReleases(place: Place, unsafe: ReleasesReport): string {
  const { live, silent, releases, next } = clean(unsafe);
  const state = ({ host, sha, healthy }: ReleasesReport['live'][number]) =>
    `${sha ? short(sha) : 'unknown'} on ${host}${healthy ? '' : ', not healthy'}`;
  return [
    ...live.map((one) => row('live', state(one))),
    ...silentHosts(silent).map((line) => row('unknown', line)),
    ...releases.map(({ sha, provenAt, forwardOnly }) =>
      row(
        'possible',
        `${short(sha)}, proven ${provenAt}` +
          (forwardOnly === undefined
            ? ''
            : `; needs a signature: ${crossingWords({ forwardOnly })}`),
      ),
    ),
    next.kind === 'rollback'
      ? `Roll back to ${short(next.to)}:  ${plimsoll} rollback ${where(place)} --reason "why"`
      : next.why,
  ].join('\n');
}

/** Returns the line that a person sees before the request is signed. */
export const rollsBack = (place: Place, { from, to }: { from: string; to: string }) =>
  `${where(place)}: rolling back from ${short(from)} to ${short(to)}.`;

export const needsReason = (place: Place, { from, to }: { from: string; to: string }) =>
  `The deploy of ${where(place)} is closed, so a rollback from ${short(from)} to ${short(to)} needs a reason. ` +
  'Nothing was changed.\n' +
  `Roll back:  ${plimsoll} rollback ${where(place)} --reason "why"`;

export const onlyAfterDeploy = (place: Place, options: string) =>
  `A deploy of ${where(place)} is open, and ${options} can be used only after a deploy has closed. Nothing was sent.\n` +
  `Roll back the open deploy:  ${plimsoll} rollback ${where(place)}`;

export const lockTaken = (place: Place) =>
  `Another deploy of ${where(place)} has just started, so this rollback was not started.\n` +
  `See it:  ${plimsoll} status ${where(place)}\n` +
  `End it:  ${plimsoll} rollback ${where(place)}`;

/** Returns the text for a person if the open deploy ended at the moment of the order. */
export const alreadyEnded = (place: Place, outcome: string) =>
  `${where(place)}: the deploy has just ended as ${outcome}, so nothing was sent.\n` +
  `What is live now:  ${plimsoll} status ${where(place)}`;

/** Returns the reason why a late rollback without a signature did not happen. */
export const staysLive = (why: string) => `the live release stays: ${why}`;
export const keptBySignature = 'an approver signed keep';
export const nobodySigned = 'no approver signed the rollback';

/** Returns the error if the signed decision does not count any more. */
export const notAllowed = (place: Place, why: string) =>
  `The rollback of ${where(place)} is not signed any more: ${why}.\nNothing was touched. ` +
  `Ask again:  ${plimsoll} rollback ${where(place)} --reason "why"`;
