import type { Decision } from '../../../domain/schema.ts';
import { signed } from '../forgery.ts';
import type { Place, Signing, World } from '../forgery.ts';
import type { Edit } from '../unguarded.ts';

export type Form = {
  name: string;
  send(world: World): unknown;
  /** Where the text names something of this form. */
  why?: (world: World) => string;
};

/** One way to get an approval that nobody gave. Its text is its own: no other attack is answered by it. */
export type Attack = {
  name: string;
  why: string | ((world: World) => string);
  /** What has to fall for it to succeed. */
  guard: Edit[];
  forms: Form[];
  /** The plan that it needs, where the ordinary one does not do. */
  place?: Place;
  /** What was counted before it; `again`: in a run before a reset. */
  before?: { counted: (world: World) => unknown; again?: true };
};

export const whyOf = ({ why }: Pick<Attack, 'why'>, form: Form, world: World): string =>
  form.why?.(world) ?? (typeof why === 'string' ? why : why(world));

/** Sent in nina's name and signed by her, but for `how`. */
export const form = (name: string, change: Partial<Decision>, how: Signing = {}): Form => ({
  name,
  send: (world) => signed(world, change, how),
});

/** Genuine when it was signed; changed on its way. */
export const tampered = (name: string, from: Partial<Decision>, to: Partial<Decision>): Form => ({
  name,
  send: (world) => {
    const genuine = signed(world, from);
    return { ...genuine, decision: { ...genuine.decision, ...to } };
  },
});

export const policy = 'domain/policy/approval.ts';
/** The same file, one condition less. */
export const off = (file: string, test: string): Edit => [file, `if (${test})`, 'if (false)'];
