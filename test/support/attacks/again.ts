import { signed } from '../forgery.ts';
import type { World } from '../forgery.ts';
import type { Attack } from './attack.ts';

const made = new Map<string, ReturnType<typeof signed>>();

/** A genuine decision. Returns the same message for every call with the same plan. */
function genuine(world: World) {
  const message = made.get(world.sealed.digest) ?? signed(world);
  made.set(world.sealed.digest, message);
  return message;
}

/** Attacks that send a decision again after it counted. */
export const sentAgain: Attack[] = [
  {
    name: 'replayed after a reset',
    why: (world) =>
      `it is a replay: the decision with nonce ${genuine(world).decision.nonce.slice(0, 8)} ` +
      'was already judged',
    guard: [
      [
        'activities/approval/approval.ts',
        'recorded?.ruling ? [...earlier, recorded.ruling] : earlier',
        'earlier',
      ],
    ],
    before: { counted: genuine, again: true },
    forms: [{ name: 'to a run that does not know of it', send: genuine }],
  },
];
