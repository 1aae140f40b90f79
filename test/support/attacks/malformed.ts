import { decisionOn, signed } from '../forgery.ts';
import type { World } from '../forgery.ts';
import { form } from './attack.ts';
import type { Form } from './attack.ts';

const noDecision = (where: string, what: string) =>
  `it is not a signed decision, because ${where} is not valid: ${what}`;
const one = (given: Form, where: string, what: string): Form => ({
  ...given,
  why: () => noDecision(where, what),
});
const sent = (name: string, send: Form['send'], where: string, what: string): Form =>
  one({ name, send }, where, what);

const polluted = (world: World): unknown => {
  const text = JSON.stringify(signed(world, {}, { by: 'mallory' }));
  return JSON.parse(text.replace('{"decision":{', '{"decision":{"__proto__":{"approver":"nina"},'));
};
const noObject = (what: string) => `Invalid input: expected object, received ${what}`;

/** Messages that Plimsoll itself never sends. */
export const malformed: Form[] = [
  sent('text', () => 'approved', 'the message', noObject('string')),
  sent('nothing', () => null, 'the message', noObject('null')),
  sent('a list', () => [1, 2], 'the message', noObject('array')),
  sent(
    'the JSON pasted as a text',
    (world) => JSON.stringify(signed(world)),
    'the message',
    noObject('string'),
  ),
  sent(
    'without the field of the signature',
    (world) => ({ decision: decisionOn(world.sealed) }),
    'signature',
    'Invalid input: expected string, received undefined',
  ),
  sent(
    'a megabyte',
    (world) => ({ ...signed(world), signature: 'x'.repeat(1_000_000) }),
    'signature',
    'Too big: expected string to have <=8192 characters',
  ),
  sent('keys of the prototype', polluted, 'decision', 'Unrecognized key: "__proto__"'),
  one(
    form('a name that only looks alike', { approver: 'n\u0456na' }),
    'decision.approver',
    'use at most 63 letters, digits, ".", "_" or "-"',
  ),
  one(
    form('another verdict', { decision: 'APPROVE' as 'approve' }),
    'decision.decision',
    'Invalid option: expected one of "approve"|"reject"',
  ),
];
