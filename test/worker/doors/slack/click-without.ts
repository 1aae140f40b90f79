import { afterAll, beforeAll } from 'vitest';
import { stage } from '../../../support/click-attack.ts';
import type { ClickAttack } from '../../../support/click-attack.ts';
import { unguarded } from '../../../support/unguarded.ts';
import type { Edit } from '../../../support/unguarded.ts';
import { attempt, clickPlace, ours, partsOf } from './click-place.ts';
import { askedSlack, clickable } from './door-fixture.ts';

const sealed = clickable();
let slack: Awaited<ReturnType<typeof askedSlack>>['slack'];

/**
 * Starts the Slack stand-in before the tests of a file, and stops the stand-in after the last test.
 */
export function beforeSlack() {
  beforeAll(async () => {
    ({ slack } = await askedSlack(sealed));
  });
  afterAll(() => slack.close());
}

type Judged = {
  /**
   * Tries an attack at a new place. `did` is the action of the bridge, and `counts` is true if the
   * click counts as a decision.
   */
  becomes: (attack: ClickAttack) => Promise<{ did: string; counts: boolean }>;
  /** Returns the names of the attacks whose click counts as a decision. */
  comeIn: (attacks: readonly ClickAttack[]) => Promise<string[]>;
};

/**
 * Calls `judged` with our code, from which `edits` have removed some guards. Returns the result of
 * `judged`.
 */
export async function without<T>(edits: Edit[], judged: (code: Judged) => Promise<T>): Promise<T> {
  const parts = edits.length > 0 ? await partsOf(unguarded(edits)) : ours;
  const becomes: Judged['becomes'] = async (attack) => {
    const { asked } = stage(attack, sealed);
    const place = await clickPlace({ slack, sealed, asked, parts });
    const { did } = await attempt(attack, place);
    await place.close();
    const counted = place.rulings.filter(({ verdict }) => verdict === 'counted');
    return { did, counts: counted.length > (attack.before ? 1 : 0) };
  };

  const comeIn: Judged['comeIn'] = async (attacks) => {
    const names: string[] = [];
    for (const attack of attacks) if ((await becomes(attack)).counts) names.push(attack.name);
    return names;
  };

  return await judged({ becomes, comeIn });
}
