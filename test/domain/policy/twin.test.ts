import { expect, test } from 'vitest';
import { downBefore, outageElsewhere } from '../../../domain/policy/twin.ts';

const up = (url: string) => ({ url, ok: true, detail: '200' });
const down = (url: string) => ({ url, ok: false, detail: '503, twice' });
const [pay, mail] = ['https://pay.example/', 'https://mail.example/'];

test('what went down since the plan explains an outage, and is named', () => {
  expect(outageElsewhere([down(pay), up(mail)], [up(pay), up(mail)])).toBe(
    'a declared dependency is down: https://pay.example/ (503, twice). The release before needs it as well, so going back would not help',
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
    'the declared dependency https://mail.example/ (503, twice) is down already: while it is, it excuses no outage of this release',
  ]);
});
