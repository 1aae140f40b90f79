import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { final } from '../../lib/fail.ts';
import type { RemoteResult } from './ssh/remote.ts';
import { logTail } from '../../lib/log-tail.ts';
import { fileOptions } from './runner-words.ts';
import { exits } from './scripts.ts';

/** Returns a text about the things that did not change when the preparation of the tree failed. */
export const untouched = ({ checkout }: Pick<VpsTarget, 'checkout'>) =>
  checkout
    ? 'The checkout has the new files, but the service was not restarted.'
    : 'The live release was not touched.';

/**
 * Makes the failure if the exit code says that the prepare command or the image build failed.
 * Returns undefined for any other exit code. The text contains the last lines of the output.
 */
export function prepareFailed(
  name: string,
  target: VpsTarget,
  sha: string,
  { code, stdout }: RemoteResult,
) {
  const { prepareMs, run } = target;
  const what = run === 'compose' ? 'prepare or build' : 'prepare';
  const short = sha.slice(0, 12);
  const log = logTail(stdout).join('\n');
  if (code === exits.prepareTimedOut) {
    return final(
      failures.unhealthyRelease,
      `${name}: ${what} of ${short} did not end within ${Math.ceil(prepareMs / 1000)} s and was ` +
        `stopped. ${untouched(target)} Raise prepareMinutes, or make the command quicker.\n` +
        `Its last lines:\n${log}`,
    );
  }
  if (code !== exits.prepareFailed) return undefined;
  return final(
    failures.unhealthyRelease,
    `${name}: ${what} of ${short} failed. ${untouched(target)} ` +
      `Its last lines:\n${log}\nTry it on the host: ${tryIt(target, sha)}`,
  );
}

function tryIt({ directory, prepare, checkout, compose, service }: VpsTarget, sha: string) {
  const build =
    compose && `${compose.tag}=${sha} docker compose ${fileOptions(compose)} build ${service}`;
  const words = [prepare, build].filter((it) => it !== null && it !== undefined);
  const at = checkout ? directory : `${directory}/releases/${sha}`;
  return [`cd ${at}`, ...words].join(' && ');
}
