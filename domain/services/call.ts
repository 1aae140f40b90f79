/**
 * One call that Plimsoll makes to a vendor, and the permission that the call needs.
 * docs/real-services.md, `plimsoll doctor --live` and the contract tests use these rows.
 */
export type VendorCall = {
  /**
   * The call as the vendor writes it: "GET /repos/{owner}/{repo}". For Slack, the name of the
   * method.
   */
  call: string;
  /** The purpose of the call, in words for people. */
  use: string;
  /** true: the call changes something at the vendor. */
  effect: boolean;
  /** The permission in the vendor's own words. null = every valid token has the permission. */
  permission: string | null;
  /**
   * The description with which the contract tests compare each answer. 'specification' = the
   * vendor's own description, in the version of `VendorService.specification`. 'hand' = a schema
   * that was written by hand, because the vendor publishes none. 'nothing' = no description is
   * needed, because at most the status of the answer is read.
   */
  answer: 'specification' | 'hand' | 'nothing';
  /**
   * The facts that nobody can verify without an account at the vendor. null = no such fact is
   * known.
   */
  open: string | null;
};

/** One permission that a token needs, in the vendor's own words. */
export type TokenPermission = {
  name: string;
  /**
   * 'always', or the condition under which a deploy needs the permission, such as "only if `revert`
   * is not off".
   */
  needed: string;
  /** The steps for which Plimsoll needs the permission. */
  use: string;
};

/**
 * One kind of token, with every permission that the documentation asks for. docs/permissions.md is
 * generated from these rows. The tests remove the permissions one by one.
 */
export type TokenKind = {
  /** The kind in words: "GitHub App". */
  name: string;
  permissions: readonly TokenPermission[];
};

/** One vendor with all calls that Plimsoll makes to the vendor. */
export type VendorService = {
  /** The name of the vendor as people read it, such as "GitHub". */
  title: string;
  /** The vendor's own description of the answers: npm package and exact version. */
  specification: { name: string; version: string };
  /** The vendor's documentation of the permissions. */
  permissions: string;
  /**
   * A sentence that says how a token gets the permission, for example by a role of its owner.
   * Absent = people choose the permission when they create the token.
   */
  grant?: string;
  /** The kinds of token that suffice, each with every permission that it needs. */
  tokens: readonly TokenKind[];
  /**
   * The facts that nobody can verify without an account at the vendor, as sentences. Facts about
   * one call are not in this list, but in `open` of the call.
   */
  unverified: readonly string[];
  calls: readonly VendorCall[];
};

type Row = Omit<VendorCall, 'call' | 'use' | 'effect' | 'answer' | 'open'> &
  Partial<Pick<VendorCall, 'answer' | 'open'>>;

/** Returns a row for a call that changes nothing. */
export const read = (call: string, use: string, row: Row): VendorCall => ({
  ...{ call, use, effect: false, answer: 'specification', open: null },
  ...row,
});

/** Returns a row for a call that changes something. */
export const write = (call: string, use: string, row: Row): VendorCall => ({
  ...read(call, use, row),
  effect: true,
});
