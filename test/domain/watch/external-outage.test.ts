import { expect, test } from 'vitest';
import {
  downBefore,
  previousReleaseFailsToo,
  outageElsewhere,
} from '../../../domain/watch/external-outage.ts';

const up = (url: string) => ({ url, ok: true, detail: '200' });
const down = (url: string) => ({ url, ok: false, detail: '503, twice' });
const [pay, mail] = ['https://pay.example/', 'https://mail.example/'];

test('what went down since the plan explains an outage, and is named', () => {
  expect(outageElsewhere([down(pay), up(mail)], [up(pay), up(mail)])).toBe(
    'a declared dependency is down: https://pay.example/ (503, twice). The previous release needs it as well, so a rollback would not help',
  );
  expect(outageElsewhere([down(pay)], [])).not.toBe(null);
});

test('nothing down, or down before the deploy already, explains nothing', () => {
  expect(outageElsewhere([up(pay), up(mail)], [down(pay)])).toBe(null);
  expect(outageElsewhere([down(pay), up(mail)], [down(pay), up(mail)])).toBe(null);
  expect(outageElsewhere([], [])).toBe(null);
  expect(outageElsewhere([down(pay), down(mail)], [down(pay), up(mail)])).toMatch(/mail\.example/);
});

test('the plan says what is down already', () => {
  expect(downBefore([up(pay), down(mail)])).toEqual([
    'the declared dependency https://mail.example/ (503, twice) is already down, so it cannot explain an outage of this release',
  ]);
});

const answer = (url: string, status: number | null) => ({
  url,
  status,
  ok: status === 200,
  detail: status === null ? 'connection refused, twice' : `${status} in 3 ms, twice`,
});
const report = (path: string, now: number | null, before: number | null) => ({
  path,
  now: answer('https://shop.example/', now),
  before: answer(`https://old.example/${path}`, before),
});

test('every path that fails now fails alike at the release before: the outage is not of this one', () => {
  expect(previousReleaseFailsToo([report('core', 200, 200), report('payments', 502, 503)])).toBe(
    'the previous release fails in the same way at its own address: payments: https://old.example/payments (503 in 3 ms, twice). This release did not cause the outage, so a rollback would not help',
  );
  expect(previousReleaseFailsToo([report('core', null, 500)])).not.toBe(null);
});

test.each([
  ['nothing was asked', []],
  ['nothing fails any more', [report('core', 200, 500)]],
  ['the release before works', [report('core', 500, 200)]],
  ['one of two fails here alone', [report('core', 500, 500), report('payments', 500, 200)]],
  ['the release before never had the path', [report('core', 500, 404)]],
  ['the release before is behind a login page', [report('core', 500, 401)]],
  ['its login is another site', [report('core', 500, 302)]],
  ['this one has no such path, which is not an outage', [report('core', 404, 404)]],
] as const)('%s: nothing keeps it from going back', (_, reports) => {
  expect(previousReleaseFailsToo(reports)).toBe(null);
});
