/** A secret in a text: the rule that found it, its position and its value. */
export type Hit = { rule: string; index: number; value: string };
