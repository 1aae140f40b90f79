import { plimsoll } from '../deploy/wire.ts';

/**
 * Returns the reason that closes a gate whose check could not run. `why` is the error of the check.
 */
export const uncheckedGate = (why: string) =>
  `could not be checked: ${why.replaceAll(/\s*\n\s*/g, ' ').replace(/\.$/, '')}. There is no data, ` +
  `so the gate stays closed. To see which service does not answer: ${plimsoll} doctor. When every ` +
  'service answers, deploy again.';
