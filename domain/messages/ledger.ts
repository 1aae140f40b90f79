import type { Page } from '../contract/activities.ts';
import type { AnchorReport, LedgerChain, LedgerSigner, RightRows } from '../contract/ledger.ts';
import { plimsoll } from '../deploy/wire.ts';
import { clean } from './parts/clean.ts';

type Named = { seq: number; key: string };

const named = ({ seq, key }: Named) => `row ${seq} ("${key}")`;

/** The texts about a wrong row of the ledger. */
export const ledgerFaults = {
  missing: (seq: number) => `row ${seq - 1} is missing before row ${seq}`,
  notChained: (seq: number) => `row ${seq} does not contain the hash of row ${seq - 1}`,
  changed: (row: Named) => `${named(row)} was changed after it was written`,
  notSealed: (row: Named) =>
    `${named(row)} has no seal, but an earlier row has one, so no worker wrote this row`,
  notCovered: (row: Named) =>
    `${named(row)} has no seal, and no sealed row confirms it, so somebody changed it or wrote it later`,
  unknownKey: (row: Named, key: string) =>
    `${named(row)} is sealed with the key ${key}, which is no key of the workers`,
  retired: (row: Named, key: string, by: number) =>
    `${named(row)} is sealed with the key ${key}, which row ${by} retired`,
  badSeal: (row: Named) =>
    `${named(row)} was changed after a worker sealed it, or a row before it was changed, moved or removed`,
  notAsLinked: (seq: number, at: string) =>
    `row ${seq} or an earlier row was changed, moved or removed after a worker linked these rows at ${at}`,
  badLink: (seq: number) => `no worker made the link of row ${seq}`,
  cutLink: (seq: number, at: string, last: number) =>
    `the ledger ends at row ${last}, but a worker linked row ${seq} at ${at}: the newest rows were removed`,
  notAsAnchored: (seq: number, at: string, place: string) =>
    `row ${seq} or an earlier row was changed, moved or removed after it was anchored in ${place} at ${at}`,
  cutAnchor: (seq: number, at: string, { place, last }: { place: string; last: number }) =>
    `the ledger ends at row ${last}, but row ${seq} was anchored in ${place} at ${at}: the newest rows were removed`,
  notAsRead: (seq: number) =>
    `row ${seq} was changed, moved or removed after this worker had read it`,
};

const rows = (count: number) => (count === 1 ? '1 row' : `${count} rows`);

/** Returns the result of `plimsoll history --verify`. */
export const renderChain = (chain: LedgerChain): string =>
  chain.ok ? intact(chain) : brokenLedger(chain);

/** Returns true if every row is right, and every configured check ran. */
export const isProven = (chain: LedgerChain): boolean =>
  chain.ok && ['off', 'none', 'holds'].includes(chain.anchor.state);

function intact(chain: RightRows & { anchor: AnchorReport }): string {
  const { entries, head, notSealed, signers, linked, tail, anchor } = chain;
  return [
    `The ledger is intact: ${rows(entries)} verified. The hash of the newest row is ${head}.`,
    signers ? sealedBy(signers) : sealsNotChecked,
    ...(notSealed > 0 ? [oldRows(notSealed)] : []),
    linkedUpTo(linked, tail),
    anchorWords(anchor),
  ].join('\n');
}

const sealsNotChecked =
  'sealed     not checked: this machine has no public key of the workers. Read the keys on a worker: ' +
  `${plimsoll} seal`;

const sealedBy = (signers: readonly LedgerSigner[]) =>
  signers.length === 0
    ? `sealed     no row. The worker seals rows since its last update: start it again: ${plimsoll} worker`
    : `sealed     ${signers.map(signer).join('; ')}`;

const signer = ({ key, rows: count, retired }: LedgerSigner) =>
  `${rows(count)} by the key ${key}${retired === null ? '' : ` (retired by row ${retired})`}`;

const oldRows = (count: number) =>
  `not sealed ${count === 1 ? 'the oldest row' : `the oldest ${rows(count)}`}, from before the ledger was sealed. ` +
  'This number must never grow.';

function linkedUpTo(linked: RightRows['linked'], tail: RightRows['tail']): string {
  const upTo = linked ? `up to row ${linked.seq}, at ${linked.at}` : 'no row';
  if (!tail) return `linked     ${upTo}`;
  return (
    `linked     ${upTo}; ${rows(tail.rows)} since ${tail.since} not yet. ` +
    'A worker links new rows every minute.'
  );
}

const never =
  'Without an anchor, nobody sees that the newest rows were removed. Set one: docs/ledger.md';

function anchorWords(anchor: AnchorReport): string {
  switch (anchor.state) {
    case 'off':
      return `anchor     off. ${never}`;
    case 'none':
      return `anchor     nothing yet in ${anchor.place}. A worker writes the first anchor within an hour.`;
    case 'missing':
      return (
        `anchor     MISSING: ${anchor.place} has no anchor, although rows were linked more than two hours ago. ` +
        'Either the worker cannot write there (see its log), or somebody removed the anchor: docs/ledger.md'
      );
    case 'unreadable':
      return `anchor     NOT CHECKED: ${clean(anchor.why)}\nSolve this problem, then verify again: ${plimsoll} history --verify`;
    case 'forged':
      return (
        `anchor     FORGED: the newest anchor in ${anchor.place} was made by no worker: ${clean(anchor.why)}. ` +
        'Find out who may write there: docs/ledger.md'
      );
    case 'holds':
      return `anchor     row ${anchor.seq}, anchored at ${anchor.at} in ${anchor.place}, is unchanged (checked at ${anchor.checkedAt})`;
  }
}

function brokenLedger({ why, seq, verified, unknownKey }: Extract<LedgerChain, { ok: false }>) {
  const first = `The ledger is broken: ${clean(why)}. Row ${seq} is the first wrong row; ${rows(verified)} before it verified.`;
  return unknownKey === undefined
    ? `${first}\n${keepIt}`
    : `${first}\nIf ${unknownKey} is an earlier key of your workers, put its public key back: docs/ledger.md, "Keys". If not:\n${keepIt}`;
}

const keepIt =
  'Plimsoll did not make this change. Keep the database as it is for the investigation, and ' +
  'compare it with a backup: docs/ledger.md';

/**
 * Returns the log line of a worker that found a wrong row. From this moment, the worker links and
 * anchors no more rows.
 */
export const ledgerWasChanged = (why: string): string =>
  `The ledger was changed: ${clean(why)}. This worker links and anchors no more rows.\n` +
  `See what is wrong and what to do: ${plimsoll} history --verify`;

/**
 * Returns the page about a changed ledger or a forged anchor. `line` is the log line of the worker.
 * `key` identifies the finding.
 */
export const ledgerPage = (line: string, key: string): Page => ({
  deploy: { deployId: 'ledger', project: '', environment: '', sha: '0'.repeat(40) },
  step: `changed-${key}`,
  title: 'Somebody changed the ledger of Plimsoll',
  text: `${line}\nDeploys and rollbacks continue.`,
  priority: 'high',
});

/** Returns the log line of a worker that cannot anchor the ledger. */
export const notAnchored = (place: string, why: string): string =>
  `The ledger was not anchored in ${place}: ${clean(why)} The worker tries again in a few minutes.`;

/**
 * Returns the log line of a worker that found an anchor which no worker made. This worker anchors
 * no more rows.
 */
export const anchorForged = (place: string, why: string): string =>
  `The newest anchor of the ledger in ${place} was made by no worker: ${clean(why)}. ` +
  'This worker anchors no more rows.\n' +
  `Find out who may write there, then remove it. See what the ledger says: ${plimsoll} history --verify`;

/** Returns the error of an activity that read a wrong row of the ledger. */
export const wrongRowRead = (why: string): string =>
  `The ledger was changed: ${clean(why)}. Plimsoll does not decide by this row, and tries again.\n` +
  `See what is wrong and what to do: ${plimsoll} history --verify`;

/** Returns the one-line title of an anchor. The same title is used in git and in Slack. */
export const anchorTitle = ({ seq, hash, at }: { seq: number; hash: string; at: string }): string =>
  `Ledger of Plimsoll: row ${seq} has the hash ${hash} at ${at}`;
