import { sentAgain } from './attacks/again.ts';
import type { Attack } from './attacks/attack.ts';
import { ofTheBridge } from './attacks/click.ts';
import { ofThePerson } from './attacks/person.ts';
import { aboutThePlan } from './attacks/plan.ts';
import { ofTheSignature } from './attacks/signature.ts';

export { whyOf } from './attacks/attack.ts';
export type { Attack, Form } from './attacks/attack.ts';
export { malformed } from './attacks/malformed.ts';

/** What anybody with access to the namespace can send, and what is said of it. */
export const attacks: Attack[] = [
  ...aboutThePlan,
  ...ofTheSignature,
  ...ofThePerson,
  ...ofTheBridge,
  ...sentAgain,
];
