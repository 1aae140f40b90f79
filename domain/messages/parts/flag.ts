import type { UserFlag } from '../../deploy/plan.ts';

export const flagWords = ({ text, who }: UserFlag) => `"${text}" (says ${who}, unsigned)`;
