declare const made: unique symbol;

/**
 * An activity that changes something outside this worker: the live release, a branch, the ledger or
 * a message. Only `effect()` of activities/lib makes an activity of this type.
 */
export type Effect<Args extends unknown[], Result> = ((...args: Args) => Promise<Result>) & {
  readonly [made]: true;
};

type AnyEffect = Effect<never, unknown>;

/** The names of the activities of A that are effects. */
export type EffectOf<A> = { [K in keyof A]: A[K] extends AnyEffect ? K : never }[keyof A];

/**
 * For each activity of A: 'effect' if the activity changes something outside the worker; 'read' in
 * all other cases.
 */
export type Kinds<A> = { readonly [K in keyof A]: A[K] extends AnyEffect ? 'effect' : 'read' };

/** The activities of A as plain functions, as their callers see them. */
export type Plain<A> = {
  [K in keyof A]: A[K] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Result
    : never;
};
