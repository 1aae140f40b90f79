import { expect, test } from 'vitest';
import { claims } from '../../../support/click-attack.ts';
import { entryOf, waiting } from './click-place.ts';
import { clickable } from './door-fixture.ts';

const deployId = 'd-aaaaaaaaaaaa';
const named = (over: object) => claims(clickable(), over);
const here = { deployId: 'd-0123456789ab', verdict: 'void', approver: 'robin' };

test('a refusal that names the deploy which waits there stands with it, whichever is the newest', async () => {
  const { press, ledger, recorded } = await waiting();
  await ledger.append(entryOf(clickable({ deployId }), 'started'));
  expect(await press({ user: 'U0CI' })).toMatchObject({ did: 'refused' });
  expect(await recorded()).toMatchObject([{ ...here, approver: 'unknown' }]);
});

test('a refusal that names a deploy which ended there long ago stands with that one', async () => {
  const { press, ledger, recorded } = await waiting();
  await ledger.append(entryOf(clickable({ deployId }), 'closed'));
  expect(await press(named({ deployId }))).toMatchObject({ did: 'refused' });
  expect(await recorded()).toMatchObject([{ ...here, deployId }]);
});

test('a refusal that names a deploy of another place stands with the newest of its own', async () => {
  const { press, ledger, recorded } = await waiting();
  await ledger.append(entryOf(clickable({ deployId, project: 'shop' }), 'closed'));
  expect(await press(named({ deployId }))).toMatchObject({ did: 'refused' });
  expect(await recorded()).toMatchObject([here]);
  const [row] = await ledger.read({ kinds: ['ruling'], limit: 1 });
  expect(row?.body['click']).toMatchObject({ claimed: deployId, user: 'U0ROBIN' });
});

test('a refusal where nothing waits stands with the newest that was there', async () => {
  const { press, recorded } = await waiting({ asked: { sealed: null } });
  expect(await press(named({ deployId }))).toEqual({
    did: 'refused',
    text:
      'This click does not count. Nothing waits for a decision in gateway production. Nothing ' +
      'changed.\n' +
      'See the current deploy: plimsoll status gateway production',
  });
  expect(await recorded()).toMatchObject([here]);
});

test('a refusal at a place where nothing was ever deployed fills no ledger', async () => {
  const { press, recorded } = await waiting({ asked: { sealed: null } });
  expect(await press(named({ project: 'elsewhere' }))).toMatchObject({ did: 'refused' });
  expect(await recorded()).toEqual([]);
});

test('a refusal of a foreign value names no place: it is answered, and nothing is recorded', async () => {
  const { press, rulings, recorded } = await waiting();
  expect(await press({ value: '{"approve":"everything"}' })).toEqual({
    did: 'refused',
    text:
      'This click does not count. Plimsoll did not make this button. Nothing changed.\n' +
      'See whether a deploy waits: plimsoll status PROJECT ENVIRONMENT',
  });
  expect([...rulings, ...(await recorded())]).toEqual([]);
});
