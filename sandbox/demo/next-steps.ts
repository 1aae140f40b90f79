import { pathLine } from '../../client/path-line.ts';
import { plimsoll } from '../../domain/deploy/wire.ts';
import type { Fleet } from '../fleet/fleet.ts';

type Up = {
  fleet: {
    keys: Pick<Fleet['keys'], 'casey' | 'morgan'>;
    sandbox: { control: { address: string } };
  };
  address: string;
  uiUrl: string;
};

/**
 * Returns a text with the commands that a person can type next, one per line. The demo runs until
 * Ctrl-C.
 */
export function nextSteps({ fleet, address, uiUrl }: Up, env = process.env): string {
  const as = (name: 'casey' | 'morgan') => `--as ${name} --key ${fleet.keys[name]}`;
  return `
Look around:   ${uiUrl}
In another terminal, in any directory:

  ${[...pathLine(env), `export TEMPORAL_ADDRESS=${address}`].join('\n  ')}
  export PLIMSOLL_SANDBOX=${fleet.sandbox.control.address}
  ${plimsoll} history beacon production
  ${plimsoll} incidents
  ${plimsoll} sandbox truth
  ${plimsoll} deploy compass production --wait gates ${as('casey')}
  ${plimsoll} approve compass production ${as('morgan')}
  ${plimsoll} watch compass production

Press Ctrl-C to stop everything and to delete all files of the demo.
`;
}
