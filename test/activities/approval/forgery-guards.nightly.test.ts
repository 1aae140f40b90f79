import { expect, test } from 'vitest';
import { attacks } from '../../support/attacks.ts';
import { forgeries } from './forgery-without.ts';

const succeedWith = forgeries();

test.each(attacks)('without the guard against $name no other forgery succeeds', async (attack) => {
  expect(await succeedWith(attack.guard, attacks)).toEqual([attack.name]);
});
