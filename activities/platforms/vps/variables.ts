import type { VpsTarget } from '../../../domain/plan.ts';
import { cancellation } from '../../git/pulse.ts';
import type { OpenHost } from '../../watch/on-host.ts';
import type { Driver } from '../driver.ts';
import { missingNames } from './variable-names.ts';

export async function variablesOn(
  openHost: OpenHost,
  target: VpsTarget,
): ReturnType<Driver<VpsTarget>['variables']> {
  const { environmentFile: file, hosts } = target;
  if (file === null) {
    const why =
      'the names of the required variables, because no file is named that holds them: ' +
      'set environmentFile in plimsoll.yaml';
    return { hosts: hosts.map(({ name }) => ({ host: name, missing: [] })), sourceErrors: [why] };
  }
  const asked = hosts.map(async (host) => ({
    host: host.name,
    missing: await missingNames(openHost, { target, host, file }, cancellation()),
  }));
  const answers = await Promise.all(asked);
  const unread = answers
    .filter(({ missing }) => missing === null)
    .map(({ host }) => `${file} on ${host}: it is not there, or its user may not read it`);
  return { hosts: answers.filter(({ missing }) => missing !== null), sourceErrors: unread };
}
