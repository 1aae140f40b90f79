import { transient } from '../../../lib/fail.ts';

type Page<Item> = { items: Item[]; next: number | null | undefined };

const mostPages = 20;

/**
 * Reads every page of a list. Throws a transient failure if the list has too many pages. A partial
 * list would be wrong, because entries on unread pages would seem to be missing.
 */
export async function allPages<Item>(
  read: (until: number | undefined) => Promise<Page<Item>>,
): Promise<Item[]> {
  const all: Item[] = [];
  let until: number | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const { items, next } = await read(until);
    all.push(...items);
    if (next === null || next === undefined || next === until) return all;
    until = next;
  }
  throw transient(
    `A list at Vercel has more than ${mostPages} pages, so Plimsoll did not read it completely.`,
  );
}
