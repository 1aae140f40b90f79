import type { Change, Changes } from './changes.ts';
import { listed } from './demands.ts';
import { migrations } from './sensitive.ts';

/** A line of its own in the migration: what it does is harmless to the release before. */
const declaration = /^[ \t]*(?:--|#|\/\/|\/?\*+|<!--)[ \t]*plimsoll: backward-compatible\b/im;

/**
 * The migrations that a release brings, by name: those that the release before may not stand, and those that say
 * it does. One that is taken out of the tree is not run. What nobody read counts as one.
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

/** Of what nobody read no path says that it holds none. */
const unseen = ({ unread }: Changes) =>
  unread === null ? null : `what nobody read may hold some: ${unread}`;

const isDeclared = ({ after }: Change) => declaration.test(after?.text ?? '');
