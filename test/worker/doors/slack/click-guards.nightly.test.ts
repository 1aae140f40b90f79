import { expect, test } from 'vitest';
import { clickAttacks } from '../../../support/click-attacks.ts';
import { beforeSlack, without } from './click-without.ts';

beforeSlack();

test.each(clickAttacks)(
  'no other click comes in without the guard of a click $name',
  async (attack) => {
    const alone = attack.beyond === undefined ? [attack.name] : [];
    expect(await without(attack.guard, ({ comeIn }) => comeIn(clickAttacks))).toEqual(alone);
  },
);
