import { failures } from '../../../../domain/deploy/failures.ts';
import { redact } from '../../../../domain/lib/redact.ts';
import { final } from '../../../lib/fail.ts';
import type { HttpAnswer } from '../../../lib/http.ts';
import { unanswered, unreadable, vendorFailure } from '../../../lib/vendor-failure.ts';
import type { Vendor } from '../../../lib/vendor-failure.ts';

export type Place = { team?: string | undefined; project: string; service: string };
export type Asked = {
  /** The requested object, for error texts: "the builds of openclaw/gateway". */
  what: string;
  /** true: the call makes a change. Even without an answer, the change may have happened. */
  effect: boolean;
  /** The permission that the token's role needs, in Northflank's words. */
  needs: string;
  place: Place;
  /** Id of the build in the path; absent = the path names no build. */
  build?: string;
  /** Name of the environment variable with the token. */
  variable: string;
};

const vendor: Vendor = {
  name: 'Northflank',
  unanswered: (what, why) => `Northflank did not complete the request for ${what} (${why}).`,
  reset: 'to go',
};

const fullPlace = ({ team, project, service }: Place) =>
  `service ${service} in project ${project}${team ? ` of team ${team}` : ''}`;

function denied({ what, variable, needs, place }: Asked, status: number) {
  return final(
    failures.misconfigured,
    status === 401
      ? `Northflank refused the request for ${what}, ` +
          `because it does not know the token in ${variable} (401).\n` +
          `Make a new API token, set ${variable} where the worker is started, and start the worker again.`
      : `Northflank refused the request for ${what}, ` +
          `because the token in ${variable} has no permission (403).\n` +
          `Give the token's role the permission "${needs}" for project ${place.project}.`,
  );
}

function absent({ place, build, variable }: Asked) {
  if (build)
    return final(
      failures.rejectedByPlatform,
      `Northflank has no build ${build} of ${fullPlace(place)} (404).\n` +
        'Look under "Builds" of the service for the builds that Northflank still has. Or build that commit again.',
    );
  const keys = place.team ? '"team", "project" and "service"' : '"project" and "service"';
  const hint = place.team ? '' : ' A token of an organisation needs "team" as well.';
  return final(
    failures.misconfigured,
    `Northflank has no ${fullPlace(place)} for the token in ${variable} (404).\n` +
      `Check ${keys} in plimsoll.yaml: they are the ids in the address of the service's page.${hint}`,
  );
}

function moved({ what }: Asked, status: number) {
  return final(
    failures.misconfigured,
    `Northflank's API answered the request for ${what} with a redirect (${status}), ` +
      'and Plimsoll never follows a redirect.\n' +
      'Check the address of the API in plimsoll.yaml.',
  );
}

export const noAnswer = (asked: Asked, why: string) => unanswered(vendor, asked, why);

export const unknownForm = (asked: Asked, where: string) => unreadable(vendor, asked, `"${where}"`);

function refused({ what }: Asked, status: number, message: string | null) {
  const why = message ? `: ${redact(message).replace(/\.$/, '')}` : '';
  return final(
    failures.rejectedByPlatform,
    `Northflank refused the request for ${what} (${status})${why}.\n` +
      'Correct the service in Northflank, then deploy again.',
  );
}

/** Makes the failure for an unsuccessful answer. `message` is Northflank's own reason. */
export const refusal = (asked: Asked, answer: HttpAnswer, message: string | null): Error =>
  vendorFailure(vendor, answer, {
    what: asked.what,
    effect: asked.effect,
    denied: (status) => denied(asked, status),
    absent: () => absent(asked),
    moved: (status) => moved(asked, status),
    refused: (status) => refused(asked, status, message),
  });
