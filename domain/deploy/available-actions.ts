import type { DeployStatus, Outcome, Phase } from './status.ts';

/** A state that a deploy can enter next. */
export type Next = Exclude<Phase, 'closed'> | 'stuck' | 'failed' | `closed: ${Outcome}`;

export type AvailableAction = {
  verb: 'approve' | 'reject' | 'keep' | 'deploy' | 'flag' | 'retry' | 'rollback' | 'abort';
  way: 'forward' | 'back' | 'again' | 'question';
  /** The people who can take the action with their signature. 'anybody': no signature is needed. */
  by: 'anybody' | 'any approver' | 'any requester' | readonly string[];
  /** The number of people in `by` whose answer is still missing. */
  more?: number;
  to: Next[];
};

export type AvailableActions = {
  /**
   * The owner of the next step: Plimsoll, the paged person or the named people. null = the deploy
   * is closed, so there is no next step.
   */
  owner: 'plimsoll' | 'the paged person' | readonly string[] | null;
  /** The actions in the order in which screens show them. */
  actions: AvailableAction[];
  /** The states that can follow without a person. */
  goesOn: Next[];
  /**
   * The states that follow if nobody acts: at the ISO time `at`, or when a step has taken `eachMs`
   * milliseconds. null = the deploy is closed.
   */
  timeout: { at: string; to: Next[] } | { eachMs: number; to: Next[] } | null;
};

/** The parts of the status that decide which actions are possible. */
export type Steered = Pick<
  DeployStatus,
  'phase' | 'since' | 'sealed' | 'rulings' | 'flags' | 'stuck' | 'outcome'
>;
