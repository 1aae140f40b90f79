import { failures } from '../../../domain/failures.ts';
import { redact } from '../../../domain/policy/redact.ts';
import { final, transient, unknown } from '../../lib/fail.ts';
import { waitOf } from './budget.ts';

export type Place = { team?: string | undefined; project: string; service: string };
export type Asked = {
  /** What was asked, for people: "the builds of openclaw/gateway". */
  what: string;
  /** True: the effect may have happened although no answer came. */
  effect: boolean;
  /** What the role of the token needs, in Northflank's words. */
  needs: string;
  place: Place;
  /** The build that the path names. */
  build?: string;
  /** Where the token comes from. */
  variable: string;
};

const fullPlace = ({ team, project, service }: Place) =>
  `service ${service} in project ${project}${team ? ` of team ${team}` : ''}`;

function denied({ what, variable, needs, place }: Asked, status: number) {
  return final(
    failures.misconfigured,
    status === 401
      ? `Northflank does not know the token in ${variable} (401), so ${what} cannot be had.\n` +
          `Make a new API token, set ${variable} where the worker is started and start it again.`
      : `The token in ${variable} may not do this at Northflank (403): ${what}.\n` +
          `Give its role "${needs}" for project ${place.project}.`,
  );
}

function absent({ place, build, variable }: Asked) {
  if (build)
    return final(
      failures.rejectedByPlatform,
      `Northflank has no build ${build} of ${fullPlace(place)} (404).\n` +
        'See which builds it still has under "Builds" of the service, or build that commit again.',
    );
  const keys = place.team ? '"team", "project" and "service"' : '"project" and "service"';
  const hint = place.team ? '' : ' A token of an organisation needs "team" as well.';
  return final(
    failures.misconfigured,
    `Northflank has no ${fullPlace(place)} for the token in ${variable} (404).\n` +
      `Check ${keys} in plimsoll.yaml: they are the ids in the address of its page.${hint}`,
  );
}

function moved({ what }: Asked, status: number) {
  return final(
    failures.misconfigured,
    `Northflank's API answered with a redirect (${status}), which is never followed: ${what}.\n` +
      'Check the address of the API in plimsoll.yaml.',
  );
}

/** Whether it happened is only open where something was to happen. */
const noResult = ({ effect }: Asked, text: string) => (effect ? unknown(text) : transient(text));

export const noAnswer = (asked: Asked, why: string) =>
  noResult(asked, `Northflank did not do it (${why}): ${asked.what}.`);

export const unknownForm = (asked: Asked, where: string) =>
  noResult(asked, `Northflank answered in an unknown form ("${where}"): ${asked.what}.`);

/** `message` is Northflank's own reason, as it came. */
export function refusal(asked: Asked, answer: Response, message: string | null): Error {
  const { status, headers } = answer;
  if (status === 401 || status === 403) return denied(asked, status);
  if (status === 404) return absent(asked);
  if (status === 429)
    return transient(`Northflank limits our calls: ${asked.what}.`, waitOf(headers));
  if (status >= 300 && status < 400) return moved(asked, status);
  if (status < 500 && status !== 408) {
    const why = message ? `: ${redact(message).replace(/\.$/, '')}` : '';
    return final(
      failures.rejectedByPlatform,
      `Northflank refused ${asked.what} (${status})${why}.\n` +
        'Correct the service in Northflank, then deploy again.',
    );
  }
  return noAnswer(asked, `HTTP ${status}`);
}
