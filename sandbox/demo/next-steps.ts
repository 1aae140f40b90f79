import { plimsoll } from '../../domain/messages.ts';
import type { Fleet } from '../fleet.ts';

type Up = { fleet: Fleet; address: string; uiUrl: string };

/** What a person types next, line by line; everything stays up until Ctrl-C. */
export function nextSteps({ fleet, address, uiUrl }: Up): string {
  const as = (name: 'casey' | 'morgan') => `--as ${name} --key ${fleet.keys[name]}`;
  return `
Look around:   ${uiUrl}
In another terminal, in this directory:

  export TEMPORAL_ADDRESS=${address}
  export PLIMSOLL_SANDBOX=${fleet.sandbox.control.address}
  ${plimsoll} history beacon production
  ${plimsoll} incidents
  ${plimsoll} sandbox truth
  ${plimsoll} deploy compass production --wait gates ${as('casey')}
  ${plimsoll} approve compass production ${as('morgan')}
  ${plimsoll} watch compass production

Ctrl-C ends everything and leaves nothing behind.
`;
}
