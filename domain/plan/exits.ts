import type { DeployStatus, Outcome, Phase } from './status.ts';

/** Where it may be next. */
export type Next = Exclude<Phase, 'closed'> | 'stuck' | 'failed' | `closed: ${Outcome}`;

export type Exit = {
  verb: 'approve' | 'reject' | 'keep' | 'deploy' | 'flag' | 'retry' | 'rollback' | 'abort';
  way: 'forward' | 'back' | 'again' | 'question';
  /** Only 'anybody' needs no signature. */
  by: 'anybody' | 'any approver' | 'any requester' | readonly string[];
  /** How many of these are missing. */
  more?: number;
  to: Next[];
};

export type Exits = {
  /** Who is waited for; null = nobody, it is closed. */
  owner: 'plimsoll' | 'whoever is called' | readonly string[] | null;
  /** In the order in which they are told. */
  actions: Exit[];
  /** Where it goes by itself, where nobody is waited for. */
  goesOn: Next[];
  /** When it goes on without anybody: at an ISO time, or once a step has used up its own. */
  timeout: { at: string; to: Next[] } | { eachMs: number; to: Next[] } | null;
};

/** What the exits of a deploy depend on. */
export type Steered = Pick<
  DeployStatus,
  'phase' | 'since' | 'sealed' | 'rulings' | 'flags' | 'stuck' | 'outcome'
>;
