import { sentAgain } from './attacks/again.ts';
import type { Attack } from './attacks/attack.ts';
import { ofTheBridge } from './attacks/click.ts';
import { ofThePerson } from './attacks/person.ts';
import { aboutThePlan } from './attacks/plan.ts';
import { ofTheSignature } from './attacks/signature.ts';

export { whyOf } from './attacks/attack.ts';
export type { Attack, Form } from './attacks/attack.ts';
export { malformed } from './attacks/malformed.ts';

/**
 * The forged decisions that anybody with access to the Temporal namespace can send. Each attack
 * names the reason with which Plimsoll refuses it.
 */
export const attacks: Attack[] = [
  ...aboutThePlan,
  ...ofTheSignature,
  ...ofThePerson,
  ...ofTheBridge,
  ...sentAgain,
];
