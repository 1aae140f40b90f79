import { signed } from '../forgery.ts';
import type { World } from '../forgery.ts';
import type { Attack } from './attack.ts';

const made = new Map<string, ReturnType<typeof signed>>();

/** The same message every time. */
function genuine(world: World) {
  const message = made.get(world.sealed.digest) ?? signed(world);
  made.set(world.sealed.digest, message);
  return message;
}

/** What counted once is sent once more. */
export const sentAgain: Attack[] = [
  {
    name: 'replayed after a reset',
    why: (world) =>
      `it is a replay: the decision with nonce ${genuine(world).decision.nonce.slice(0, 8)} was ruled on before`,
    guard: [
      [
        'activities/approval.ts',
        'recorded?.ruling ? [...earlier, recorded.ruling] : earlier',
        'earlier',
      ],
    ],
    before: { counted: genuine, again: true },
    forms: [{ name: 'to a run that does not know of it', send: genuine }],
  },
];
