import { transient } from '../../lib/fail.ts';

type Page<Item> = { items: Item[]; next: number | null | undefined };

const mostPages = 20;

/** Every page of a list. One that does not end is no answer: what is missing would look absent. */
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
  throw transient(`Vercel's list has more than ${mostPages} pages.`);
}
