import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { cancellation } from '../../lib/temporal-context.ts';
import type { OpenHost } from './ssh/on-host.ts';
import type { Driver } from '../driver.ts';
import { missingNames } from './variable-names.ts';

export async function variablesOn(
  openHost: OpenHost,
  target: VpsTarget,
): ReturnType<Driver<VpsTarget>['variables']> {
  const { environmentFile: file, hosts } = target;
  if (file === null) {
    const why =
      'the names of the required variables, because plimsoll.yaml names no file that sets them. ' +
      'Set environmentFile in plimsoll.yaml';
    return { hosts: hosts.map(({ name }) => ({ host: name, missing: [] })), sourceErrors: [why] };
  }
  const asked = hosts.map(async (host) => ({
    host: host.name,
    missing: await missingNames(openHost, { target, host, file }, cancellation()),
  }));
  const answers = await Promise.all(asked);
  const unread = answers
    .filter(({ missing }) => missing === null)
    .map(
      ({ host }) =>
        `${file} on ${host}: the file does not exist, or the ssh user may not read it. Make the file ` +
        'readable for that user, or correct "environmentFile" in plimsoll.yaml',
    );
  return { hosts: answers.filter(({ missing }) => missing !== null), sourceErrors: unread };
}
