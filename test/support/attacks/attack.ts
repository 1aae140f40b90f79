import type { Decision } from '../../../domain/config/config.ts';
import { signed } from '../forgery.ts';
import type { Place, Signing, World } from '../forgery.ts';
import type { Edit } from '../unguarded.ts';

export type Form = {
  name: string;
  send(world: World): unknown;
  /** The reason for the refusal, if it differs from the reason of the whole attack. */
  why?: (world: World) => string;
};

/** One way to get an approval that nobody gave. No other attack is refused with the same reason. */
export type Attack = {
  name: string;
  why: string | ((world: World) => string);
  /** The edits of our code that make the attack succeed. */
  guard: Edit[];
  forms: Form[];
  /** How the plan of this attack differs from the ordinary plan. */
  place?: Place;
  /**
   * A decision that counted before the attack. `again` = it counted in an earlier run of the
   * deploy, before a reset.
   */
  before?: { counted: (world: World) => unknown; again?: true };
};

export const whyOf = ({ why }: Pick<Attack, 'why'>, form: Form, world: World): string =>
  form.why?.(world) ?? (typeof why === 'string' ? why : why(world));

/**
 * A decision in nina's name with her signature. `change` replaces fields of the decision, and `how`
 * replaces the key or the namespace.
 */
export const form = (name: string, change: Partial<Decision>, how: Signing = {}): Form => ({
  name,
  send: (world) => signed(world, change, how),
});

/** A genuine decision that somebody changed after the signature. */
export const tampered = (name: string, from: Partial<Decision>, to: Partial<Decision>): Form => ({
  name,
  send: (world) => {
    const genuine = signed(world, from);
    return { ...genuine, decision: { ...genuine.decision, ...to } };
  },
});

export const policy = 'domain/approval/approval.ts';
/** An edit that turns off the condition `if (test)` in a file. */
export const off = (file: string, test: string): Edit => [file, `if (${test})`, 'if (false)'];
