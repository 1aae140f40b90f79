import { plimsoll } from '../deploy/wire.ts';

/** The reason of a gate whose check failed. `why` is the text of the failure. */
export const uncheckedGate = (why: string) =>
  `could not be checked: ${why.replaceAll(/\s*\n\s*/g, ' ').replace(/\.$/, '')}. There is no data, ` +
  `so the gate stays closed. To see which service does not answer: ${plimsoll} doctor. When every ` +
  'service answers, deploy again.';
