import type { Change, Changes } from '../approval/changes.ts';
import { listed } from '../approval/demands.ts';
import { migrations } from '../approval/sensitive.ts';

/** A line that declares its migration compatible with the previous release. */
const declaration = /^[ \t]*(?:--|#|\/\/|\/?\*+|<!--)[ \t]*plimsoll: backward-compatible\b/im;

/**
 * Returns the migrations that a release adds or changes. `forwardOnly`: the previous release may
 * not work with these migrations. `declared`: these migrations are declared backward-compatible.
 * null: there are none. A removed migration does not count, because it does not run. Changes that
 * could not be read count as migrations.
 */
export function crossing(changes: Changes): {
  forwardOnly: string | null;
  declared: string | null;
} {
  const brought = migrations(changes).filter(({ after }) => after !== null);
  const names = (found: Change[]) => (found.length > 0 ? listed(found) : null);
  const undeclared = names(brought.filter((change) => !isDeclared(change)));
  const parts = [undeclared, unseen(changes)].filter((part) => part !== null);
  return {
    forwardOnly: parts.length > 0 ? parts.join('; ') : null,
    declared: names(brought.filter(isDeclared)),
  };
}

/** Returns the text about changes that could not be read; null: all changes were read. */
const unseen = ({ unread }: Changes) =>
  unread === null ? null : `unread changes may contain migrations: ${unread}`;

const isDeclared = ({ after }: Change) => declaration.test(after?.text ?? '');
